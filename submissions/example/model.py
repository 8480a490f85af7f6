"""The smallest submission that is accepted: one network, trained by the standard recipe. Replace it by yours.

Contract: float images (batch, 1, height, width), ink 1 on paper 0 -> logits (batch, time, classes), class 0 the blank.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from harness.nouns import Task


class Small(nn.Module):
    """Four convolutions, the strongest row of each column, one bidirectional LSTM."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.look = nn.Sequential(
            *block(1, 24, stride=2),
            nn.MaxPool2d(2),
            *block(24, 48, stride=1),
            *block(48, 96, stride=(2, 1)),
            nn.MaxPool2d(2),
            *block(96, 192, stride=1),
        )
        self.read = nn.LSTM(192, 160, num_layers=1, batch_first=True, bidirectional=True)
        self.name = nn.Linear(320, 2 * classes)
        self.classes = classes

    def forward(self, ink: Tensor) -> Tensor:
        ink = F.interpolate(ink, scale_factor=0.75, mode="bilinear")  # fewer pixels, more steps in the time allowed
        columns = self.look(ink).amax(2).transpose(1, 2)  # (batch, columns, 192)
        features, _ = self.read(columns)
        return self.name(features).reshape(ink.shape[0], -1, self.classes)  # two steps for each column


def block(inputs: int, outputs: int, stride: int | tuple[int, int]) -> list[nn.Module]:
    return [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


def build_model(task: Task) -> nn.Module:
    return Small(classes=len(task.alphabet) + 1)
