/* Sorts the standings. Without this file the table stands as the server ordered it: by rank. */
(function () {
  "use strict";
  var table = document.querySelector("table[data-sortable]");
  if (!table) { return; }
  var body = table.tBodies[0];
  var served = Array.prototype.slice.call(body.rows);
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  var columns = heads.filter(function (head) { return head.dataset.key; });
  var status = document.createElement("p");
  var select = document.createElement("select");

  function opposite(direction) { return direction === "ascending" ? "descending" : "ascending"; }

  function columnOf(key) { return columns.filter(function (head) { return head.dataset.key === key; })[0]; }

  function valueOf(row, head) { return row.cells[head.cellIndex].dataset.value || ""; }

  /* Blanks stand last in both directions, so that "not measured" never looks like the best or the worst. */
  function compare(head, direction) {
    var sign = direction === "ascending" ? 1 : -1;
    var text = head.dataset.kind === "text";
    return function (one, other) {
      var a = valueOf(one, head), b = valueOf(other, head);
      if (a === "" || b === "") { return (a === "" ? 1 : 0) - (b === "" ? 1 : 0); }
      return sign * (text ? a.localeCompare(b, "en") : Number(a) - Number(b));
    };
  }

  function show(head, direction) {
    served.slice().sort(compare(head, direction)).forEach(function (row) { body.appendChild(row); });
    heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", direction);
    select.value = head.dataset.key + " " + direction;
  }

  function remember(head, direction) {
    var query = new URLSearchParams(location.search);
    query.delete("sort");
    query.delete("order");
    if (head.dataset.key !== "rank" || direction !== "ascending") {
      query.set("sort", head.dataset.key);
      query.set("order", direction);
    }
    var rest = query.toString();
    history.replaceState(null, "", location.pathname + (rest ? "?" + rest : "") + location.hash);
    status.textContent = "Sorted by " + head.textContent.trim() + ", " + direction + ".";
  }

  function sort(head, direction) { show(head, direction); remember(head, direction); }

  function addButton(head) {
    var button = document.createElement("button");
    button.type = "button";
    while (head.firstChild) { button.appendChild(head.firstChild); }
    head.appendChild(button);
    button.addEventListener("click", function () {
      var now = head.getAttribute("aria-sort");
      sort(head, now ? opposite(now) : head.dataset.first);
    });
  }

  function addOptions(head) {
    [head.dataset.first, opposite(head.dataset.first)].forEach(function (direction) {
      var up = head.dataset.kind === "text" ? "A to Z" : "lowest first";
      var down = head.dataset.kind === "text" ? "Z to A" : "highest first";
      if (head.dataset.key === "date") { up = "oldest first"; down = "newest first"; }
      var label = head.textContent.trim() + ", " + (direction === "ascending" ? up : down);
      select.add(new Option(label, head.dataset.key + " " + direction));
    });
  }

  columns.forEach(function (head) { addOptions(head); addButton(head); });
  select.addEventListener("change", function () {
    var parts = select.value.split(" ");
    sort(columnOf(parts[0]), parts[1]);
  });

  var label = document.createElement("label");
  label.className = "sorter";
  label.append("Sort by ", select);
  status.className = "sr";
  status.setAttribute("role", "status");
  table.before(label, status);

  var asked = new URLSearchParams(location.search);
  var head = columnOf(asked.get("sort")) || columnOf("rank");
  var order = asked.get("order");
  show(head, order === "ascending" || order === "descending" ? order : head.dataset.first);
}());
