"""The baseline's network: convolutions, the strongest row of each column, two recurrent layers.

Every network here follows the module contract of `baseline.standard`.
"""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from harness.nouns import Task


@dataclass(frozen=True)
class Shape:
    """How large the network is. `channels` is that of its last convolution; the others follow from it.

    hidden: units of each recurrent layer and direction. layers: recurrent layers. bidirectional: whether they read
    the line from both ends. dropout: the share of features dropped before and between them. frames: outputs for each
    eight columns. tall: the height in pixels at which lines are read; higher ones are shrunk, lower ones stay.
    """

    channels: int = 256
    hidden: int = 192
    layers: int = 2
    bidirectional: bool = True
    dropout: float = 0.0
    frames: int = 2
    tall: int = 48


class Crnn(nn.Module):
    """A convolutional recurrent network.

    Takes (batch, 1, height, width) float, ink 1 on paper 0, and returns logits (batch, time, classes); in training a
    pair of them, the second from a shortcut past the recurrent layers, which lets CTC take off early. Lines lower
    than 40 pixels are not halved at the start.
    """

    def __init__(self, classes: int, height: int, shape: Shape) -> None:
        super().__init__()
        self.pool, self.frames = max(1, height // shape.tall), shape.frames
        self.scale = min(1.0, shape.tall / (height // self.pool))
        last, middle = shape.channels, shape.channels // 2
        self.convolutions = nn.Sequential(
            _block(1, last // 8, 2 if min(height, shape.tall) >= 40 else 1),
            nn.MaxPool2d(2),
            _block(last // 8, last // 4, 1),
            _block(last // 4, middle, 2),
            _block(middle, middle, 1),
            nn.MaxPool2d((2, 1)),
            _block(middle, last, 1),
        )
        self.dropout = nn.Dropout(shape.dropout)
        between = shape.dropout if shape.layers > 1 else 0.0
        self.recurrent = nn.LSTM(
            last, shape.hidden, shape.layers, batch_first=True, dropout=between, bidirectional=shape.bidirectional
        )
        self.classify = nn.Linear((1 + shape.bidirectional) * shape.hidden, shape.frames * classes)
        self.shortcut = nn.Linear(last, shape.frames * classes)

    def forward(self, ink: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        if self.pool > 1:
            ink = F.avg_pool2d(ink, self.pool)
        if self.scale < 1:
            ink = F.interpolate(ink, scale_factor=self.scale, mode="bilinear")
        features = self.dropout(self.convolutions(ink).amax(2).transpose(1, 2))
        logits = self._unfold(self.classify(self.dropout(self.recurrent(features)[0])))
        return (logits, self._unfold(self.shortcut(features))) if self.training else logits

    def _unfold(self, logits: Tensor) -> Tensor:
        """(batch, time, frames x classes) -> (batch, time x frames, classes)."""
        return logits.reshape(logits.shape[0], -1, logits.shape[2] // self.frames)


def _block(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def build_model(task: Task, shape: Shape | None = None) -> nn.Module:
    """The network for a task: one class for each entry of its alphabet, and the blank."""
    return Crnn(len(task.alphabet) + 1, task.height, shape or Shape())
