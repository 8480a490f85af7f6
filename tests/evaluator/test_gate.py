"""What the gate admits, and every rule it refuses by; each broken model breaks one rule only."""

import hashlib
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper

from harness.evaluator import gate
from harness.evaluator.gate import admit
from harness.nouns import SubmissionError
from tests.evaluator.models import ALPHABET, graph, images, logits, model, picks, save, spells, value, weight

LIMIT = 2**20
FOREIGN = helper.make_opsetid("evil.org", 1)
Break = Callable[[ModelProto], object]


def refusal(path: Path, height: int | None = None, max_bytes: int = LIMIT) -> str:
    """The sentence with which the gate refuses."""
    with pytest.raises(SubmissionError) as caught:
        admit(path, max_bytes, height)
    assert caught.value.phase == "gate"
    assert caught.value.reason.isprintable()
    assert caught.value.reason.endswith(".")
    return caught.value.reason


def broken(folder: Path, damage: Break) -> Path:
    built = model(picks())
    damage(built)
    return save(built, folder)


def test_a_good_model_is_admitted_with_its_facts(tmp_path: Path) -> None:
    """The digest is of the file's bytes; 1 + 1 + 2 elements are its parameters."""
    path = save(model(picks()), tmp_path)
    facts = admit(path, LIMIT, 4)
    content = path.read_bytes()
    assert (facts.bytes, facts.digest) == (len(content), "sha256:" + hashlib.sha256(content).hexdigest())
    assert (facts.parameters, facts.opset, facts.output, facts.alphabet) == (4, 17, "logits", ALPHABET)


def test_a_model_that_gives_ids_is_admitted(tmp_path: Path) -> None:
    """Any architecture: the alphabet's size need not show in the output."""
    facts = admit(save(model(spells(), alphabet=["th", "e"]), tmp_path), LIMIT)
    assert (facts.output, facts.alphabet) == ("ids", ("th", "e"))


@pytest.mark.parametrize("opset", [13, 23])
def test_the_first_and_the_last_opset_are_admitted(tmp_path: Path, opset: int) -> None:
    """13 to 23."""
    assert admit(save(model(picks(), opset=opset), tmp_path), LIMIT).opset == opset


def set_dimensions(built: ModelProto, *sizes: int | str | None) -> None:
    built.graph.input[0].CopyFrom(images(shape=sizes))


@pytest.mark.parametrize(
    "relax",
    [
        lambda m: set_dimensions(m, "batch", "height", "width"),
        lambda m: set_dimensions(m, None, None, None),
        lambda m: set_dimensions(m, 1, 4, None),
        lambda m: m.graph.output[0].CopyFrom(logits(("batch", 7, "classes"))),
        lambda m: m.graph.output[0].CopyFrom(logits(kind=TensorProto.FLOAT16)),
        lambda m: m.graph.output[0].CopyFrom(logits(kind=TensorProto.DOUBLE)),
        lambda m: setattr(m.opset_import[0], "domain", "ai.onnx"),
        lambda m: setattr(m.graph.node[0], "domain", "ai.onnx"),
        lambda m: m.graph.node.append(helper.make_node("Dropout", ["scores"], ["kept"])),
        lambda m: m.graph.node.append(helper.make_node("Dropout", ["scores", "ratio", ""], ["kept"])),
        lambda m: m.metadata_props.add(key="note", value="anything"),
    ],
)
def test_what_the_contract_leaves_free_is_admitted(tmp_path: Path, relax: Break) -> None:
    """Symbolic sizes, other floats, both names of the standard domain, a Dropout that cannot train."""
    assert admit(broken(tmp_path, relax), LIMIT, 4).opset == 17


def test_a_fixed_height_must_be_the_datasets(tmp_path: Path) -> None:
    """Where the dataset's height is given."""
    path = save(model(picks()), tmp_path)
    assert refusal(path, height=64) == "The input 'images' fixes its height to 4, but the lines are 64 pixels high."
    assert admit(path, LIMIT).opset == 17


def inside(body_nodes: list, weights: tuple = (), depth: int = 1) -> Break:
    """Hide nodes and weights in an If inside an If ... of the given depth."""

    def damage(built: ModelProto) -> None:
        body = helper.make_graph(body_nodes, "hidden", [], [], initializer=list(weights))
        empty = helper.make_graph([], "empty", [], [])
        for _ in range(depth - 1):
            node = helper.make_node("If", ["yes"], ["x"], then_branch=empty, else_branch=body)
            body = helper.make_graph([node], "outer", [], [])
        built.graph.node.append(helper.make_node("If", ["yes"], ["x"], then_branch=body, else_branch=empty))

    return damage


def external(location: str = "../secret.bin") -> TensorProto:
    """A tensor that asks to be read from another file."""
    tensor = TensorProto(name="stolen", data_type=TensorProto.FLOAT, dims=[4])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


def listed_only() -> TensorProto:
    """A tensor that keeps the list of files but not the flag."""
    tensor = external()
    tensor.data_location = TensorProto.DEFAULT
    return tensor


def flagged_only() -> TensorProto:
    """A tensor with the flag but no list."""
    tensor = external()
    del tensor.external_data[:]
    return tensor


def sparse(values: TensorProto, indices: TensorProto) -> object:
    return helper.make_sparse_tensor(values, indices, [4])


def constant(**attribute: object) -> object:
    return helper.make_node("Constant", [], ["c"], **attribute)


def branches(tensor: TensorProto) -> object:
    """A node with a list of graphs, as no standard operator has one."""
    bodies = [
        helper.make_graph([], name, [], [], initializer=weights) for name, weights in (("a", []), ("b", [tensor]))
    ]
    return helper.make_node("Identity", ["images"], ["x"], bodies=bodies)


PLAIN = weight("plain", np.float32([1]))
PLACES: dict[str, Break] = {
    "initializer": lambda m: m.graph.initializer.append(external()),
    "initializer by an absolute path": lambda m: m.graph.initializer.append(external("/etc/passwd")),
    "initializer beside the model (a link, a hard link)": lambda m: m.graph.initializer.append(external("weights")),
    "initializer in memory": lambda m: m.graph.initializer.append(external("*/_ORT_MEM_ADDR_/*")),
    "a list without the flag": lambda m: m.graph.initializer.append(listed_only()),
    "a flag without the list": lambda m: m.graph.initializer.append(flagged_only()),
    "sparse initializer's values": lambda m: m.graph.sparse_initializer.append(sparse(external(), PLAIN)),
    "sparse initializer's indices": lambda m: m.graph.sparse_initializer.append(sparse(PLAIN, external())),
    "attribute": lambda m: m.graph.node.append(constant(value=external())),
    "attribute's list": lambda m: m.graph.node.append(constant(values=[PLAIN, external()])),
    "sparse attribute": lambda m: m.graph.node.append(constant(sparse_value=sparse(PLAIN, external()))),
    "sparse attribute's list": lambda m: m.graph.node.append(constant(values=[sparse(external(), PLAIN)])),
    "subgraph's initializer": inside([], (external(),), depth=3),
    "initializer of a graph in a list": lambda m: m.graph.node.append(branches(external())),
    "subgraph's attribute": inside([constant(value=external())], depth=3),
}


@pytest.mark.parametrize("place", PLACES)
def test_external_data_is_refused_wherever_it_stands(tmp_path: Path, place: str) -> None:
    """Attacks 1 to 4: another file must never come out as a reading."""
    assert "keeps the tensor 'stolen' in another file" in refusal(broken(tmp_path, PLACES[place]))


def foreign(domain: str = "evil.org", name: str = "f") -> object:
    return helper.make_function(domain, name, ["x"], ["y"], [], [helper.make_opsetid("", 17)])


RANDOM = ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial"]


@pytest.mark.parametrize("operator", RANDOM)
def test_a_random_operator_is_refused(tmp_path: Path, operator: str) -> None:
    """Attack 14: on the surface and in a loop's body, under both names of the domain, with a seed or without."""
    for domain in ("", "ai.onnx"):
        node = helper.make_node(operator, ["scores"], ["noise"], domain=domain, seed=1.0)
        for damage in (lambda m, node=node: m.graph.node.append(node), inside([node], depth=2)):
            assert f"random operator {operator}" in refusal(broken(tmp_path, damage))


def rename(kind: str, name: str) -> Break:
    return lambda m: setattr(getattr(m.graph, kind)[0], "name", name)


def declare(kind: str, declared: object) -> Break:
    return lambda m: getattr(m.graph, kind)[0].CopyFrom(declared)


def add(kind: str, declared: object) -> Break:
    return lambda m: getattr(m.graph, kind).append(declared)


RULES: list[tuple[str, Break]] = [
    ("holds no graph", lambda m: m.ClearField("graph")),
    ("uses opset 12", lambda m: setattr(m.opset_import[0], "version", 12)),
    ("uses opset 24", lambda m: setattr(m.opset_import[0], "version", 24)),
    ("names 0 opsets", lambda m: m.ClearField("opset_import")),
    ("names 2 opsets", lambda m: m.opset_import.add(domain="ai.onnx", version=17)),
    ("imports operators of the domain 'ai.onnx.ml'", lambda m: m.opset_import.add(domain="ai.onnx.ml", version=3)),
    ("imports operators of the domain 'com.x\\n'", lambda m: m.opset_import.add(domain="com.x\n", version=1)),
    ("of the domain 'com.microsoft'", lambda m: setattr(m.graph.node[0], "domain", "com.microsoft")),
    ("'Evil' of the domain 'evil.org'", inside([helper.make_node("Evil", [], ["x"], domain="evil.org")], depth=2)),
    ("holds a function, 'f'", lambda m: m.functions.append(foreign())),
    ("holds a function, 'Relu'", lambda m: m.functions.append(foreign("", "Relu"))),
    ("training information", lambda m: m.training_info.add()),
    ("random operator Dropout", add("node", helper.make_node("Dropout", ["scores", "", "yes"], ["x"]))),
    ("nests more than 24 graphs", inside([], depth=25)),
    ("negative size", lambda m: m.graph.initializer.append(TensorProto(name="odd", dims=[2, -1], data_type=1))),
    ("called 'images'; it has 'image'", rename("input", "image")),
    ("called 'images'; it has none", lambda m: m.graph.ClearField("input")),
    ("called 'images'; it has 'images', 'more'", add("input", value("more"))),
    ("must be uint8 (1, height, width)", declare("input", images(TensorProto.FLOAT))),
    ("must be uint8 (1, height, width)", declare("input", images(shape=(1, 1, 4, "width")))),
    ("must be uint8 (1, height, width)", declare("input", images(shape=(4, "width")))),
    ("must be uint8 (1, height, width)", declare("input", images(shape=(2, 4, "width")))),
    ("must be uint8 (1, height, width)", declare("input", value("images", TensorProto.UINT8, None))),
    ("must be uint8 (1, height, width)", lambda m: m.graph.input[0].type.Clear()),
    ("fixes its width to 100", declare("input", images(shape=(1, 4, 100)))),
    ("fixes its height to 0", declare("input", images(shape=(1, 0, "width")))),
    ("called 'logits' or 'ids'; it has 'out\\u202e'", rename("output", "out\u202e")),
    ("called 'logits' or 'ids'; it has none", lambda m: m.graph.ClearField("output")),
    ("it has 'logits', 'ids'", add("output", value("ids", TensorProto.INT64, (1, "length")))),
    ("must be declared as float (1, time, classes)", declare("output", logits(kind=TensorProto.INT64))),
    ("must be declared as float (1, time, classes)", declare("output", logits(("time", 4)))),
    ("must be declared as float (1, time, classes)", declare("output", logits((3, "time", 4)))),
    ("must be declared as float (1, time, classes)", declare("output", value("logits"))),
    ("has 5 classes, but an alphabet of 3 entries needs 4", declare("output", logits((1, "time", 5)))),
    ("must be declared as int64 (1, length)", declare("output", value("ids", TensorProto.INT32, (1, "length")))),
    ("must be declared as int64 (1, length)", declare("output", value("ids", TensorProto.INT64, (1, 2, "length")))),
    ("must be declared as int64 (1, length)", declare("output", value("ids", TensorProto.INT64, (2, "length")))),
    ("has 2 metadata entries called 'alphabet'", lambda m: m.metadata_props.add(key="alphabet", value='["a"]')),
]


@pytest.mark.parametrize(("says", "damage"), RULES)
def test_a_model_that_breaks_one_rule_is_refused_with_its_reason(tmp_path: Path, says: str, damage: Break) -> None:
    """In a sentence that can be printed, whatever the model's names hold."""
    assert says in refusal(broken(tmp_path, damage))


@pytest.mark.parametrize(
    ("says", "alphabet"),
    [
        ("has 0 metadata entries called 'alphabet'", None),
        ("is no JSON", "a b c"),
        ("is no JSON", ""),
        ("is no JSON", "[" * 100_000),
        ("must be a JSON list", "{}"),
        ("must be a JSON list", '"abc"'),
        ("must be a JSON list", "NaN"),
        ("of 1 to 10000 strings", []),
        ("of 1 to 10000 strings", [str(i) for i in range(10_001)]),
        ("of 1 to 64 characters", ["a", "", "c"]),
        ("of 1 to 64 characters", ["a", "b", "c" * 65]),
        ("of 1 to 64 characters", ["a", "b", 3]),
        ("of 1 to 64 characters", ["a", "b", None]),
        ("of 1 to 64 characters", ["a", "b", ["c"]]),
        ("half a surrogate pair", '["a", "b", "\\ud83d"]'),
        ("holds 'b\\u202e' twice", ["b\u202e", "a", "b\u202e"]),
        ("UTF-8 text of at most", "[" + " " * 2**23 + '"a", "b", "c"]'),
        ("an alphabet of 2 entries needs 3", ["a", "b"]),
    ],
)
def test_an_alphabet_that_cannot_be_used_is_refused(tmp_path: Path, says: str, alphabet: object) -> None:
    """Missing, no JSON list of strings, repeated, too large, or of another size than the output."""
    assert says in refusal(save(model(picks(), alphabet=alphabet), tmp_path), max_bytes=2**24)


def test_the_largest_alphabet_is_admitted(tmp_path: Path) -> None:
    """10,000 entries of 64 astral characters, in the longest way JSON can write them."""
    entries = [chr(0x20000 + i) * 64 for i in range(10_000)]
    assert len(json.dumps(entries)) < 2**23
    built = model(spells(), alphabet=entries)
    assert admit(save(built, tmp_path), 2**24).alphabet == tuple(entries)


def test_composed_and_decomposed_entries_are_two_entries(tmp_path: Path) -> None:
    """The judge normalises readings, not alphabets."""
    entries = ("\u00e9", "e\u0301", "e")
    assert admit(save(model(picks(), alphabet=entries), tmp_path), LIMIT).alphabet == entries


def test_parameters_are_counted_in_subgraphs_too(tmp_path: Path) -> None:
    """4 on the surface and 2 * 3 in a branch of a branch."""
    path = broken(tmp_path, inside([], (weight("w", np.zeros((2, 3), np.float32)),), depth=2))
    assert admit(path, LIMIT).parameters == 10


def test_what_is_no_protobuf_is_refused(tmp_path: Path) -> None:
    """Empty, text, noise, a model cut short, a model with a tail."""
    good = model(picks()).SerializeToString()
    noise = random.Random(1).randbytes(5000)
    path = tmp_path / "model.onnx"
    for content in (b"", b"hello", b"PK\x03\x04" + noise, noise, good[:-1], good[: len(good) // 2], good + b"\x0b"):
        path.write_bytes(content)
        assert "model.onnx" in refusal(path)


def test_no_damage_to_a_file_can_raise_anything_but_a_refusal(tmp_path: Path) -> None:
    """1,000 files with a few bytes changed: admitted or refused with a sentence, never a crash."""
    good, draw = model(picks()).SerializeToString(), random.Random(2)
    path, ends = tmp_path / "model.onnx", {"admitted": 0, "refused": 0}
    for _ in range(1000):
        content = bytearray(good)
        for _ in range(draw.randrange(1, 4)):
            content[draw.randrange(len(content))] = draw.randrange(256)
        path.write_bytes(content)
        try:
            admit(path, LIMIT)
            ends["admitted"] += 1
        except SubmissionError as error:
            assert error.reason.isprintable(), error.reason  # noqa: PT017 - both ends are right, the sentence counts
            ends["refused"] += 1
    assert ends["admitted"] > 30
    assert ends["refused"] > 300


def test_a_field_that_this_onnx_does_not_know_is_refused(tmp_path: Path) -> None:
    """The runtime in the room could be newer and obey it: an unknown field, and a third place for data to be."""
    path = tmp_path / "model.onnx"
    good = model(picks())
    odd = TensorProto(name="odd").SerializeToString() + b"\x70\x07"  # field 14, data_location, is 7
    nested = b"\x2a" + bytes([len(odd)]) + odd  # an initializer
    for tail in (b"\xf8\x07\x01", b"\x3a" + bytes([len(nested)]) + nested):
        path.write_bytes(good.SerializeToString() + tail)
        assert "does not know" in refusal(path)


def test_a_small_file_of_very_many_fields_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two bytes a node would become 150 bytes of memory each; the real limit is two million."""
    monkeypatch.setattr(gate, "MAX_FIELDS", 20_000)
    for fields, says in ((19_990, "imports operators"), (20_010, "holds more than 20000 fields")):
        body = b"\x0a\x00" * fields
        built = b"\x3a" + _size(body) + body + ModelProto(opset_import=[FOREIGN]).SerializeToString()
        (tmp_path / "model.onnx").write_bytes(built)
        assert says in refusal(tmp_path / "model.onnx")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    """Written by hand, since no writer would: a graph in an attribute in a node in a graph, 200 times."""
    content = b""
    for _ in range(200):
        for key in (b"\x0a", b"\x2a", b"\x32"):  # graph.node, node.attribute, attribute.g
            content = key + _size(content) + content
    (tmp_path / "model.onnx").write_bytes(b"\x3a" + _size(content) + content)
    assert "model.onnx" in refusal(tmp_path / "model.onnx")


def _size(content: bytes) -> bytes:
    left, size = len(content), b""
    while left > 127:
        left, size = left >> 7, size + bytes([left & 127 | 128])
    return size + bytes([left])


def test_only_one_regular_file_of_its_own_is_read(tmp_path: Path) -> None:
    """Attack 21: a link, a hard link, a FIFO (which must not hang), a folder, nothing."""
    real, path = save(model(picks()), tmp_path).rename(tmp_path / "real.onnx"), tmp_path / "model.onnx"
    for make, says in (
        (lambda: None, "cannot be opened"),
        (lambda: path.symlink_to(real), "not a link"),
        (lambda: path.hardlink_to(real), "has 2 hard links"),
        (lambda: os.mkfifo(path), "is no regular file"),
        (lambda: path.mkdir(), "is no regular file"),
    ):
        make()
        assert says in refusal(path)
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)


def test_the_size_cap_is_exact(tmp_path: Path) -> None:
    """Attack 9."""
    path = save(model(picks()), tmp_path)
    size = path.stat().st_size
    assert admit(path, size).bytes == size
    assert f"has {size} bytes where {size - 1} are allowed" in refusal(path, max_bytes=size - 1)


def test_an_empty_graph_of_the_right_shape_is_admitted_here(tmp_path: Path) -> None:
    """The gate looks at the contract; that a model computes its output is found where it is loaded, in the room."""
    assert admit(save(model(graph([], logits())), tmp_path), LIMIT).parameters == 0
