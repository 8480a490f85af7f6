"""The baseline keeps its promises."""
