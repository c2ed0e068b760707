# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's recordings, made once by `ferrospike simulate recording`.

No large module is imported here: a process that is started counts the memory of the one that starts it.
"""
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(".cache/bench")


@dataclass(frozen=True)
class Recording:
    channels: int
    seconds: int
    layout: str = "contiguous"

    @property
    def name(self):
        return f"{self.channels} channels x {self.seconds} s, {self.layout}"

    @property
    def samples(self):
        return self.channels * self.seconds * 30_000

    @property
    def path(self):
        return CACHE / f"{self.channels}ch-{self.seconds}s-{self.layout}.nwb"

    def make(self, ferrospike):
        """Simulates the recording unless it is there."""
        if self.path.exists():
            return
        CACHE.mkdir(parents=True, exist_ok=True)
        text = (HERE / "recording.yaml").read_text()
        for key, value in {"CHANNELS": self.channels, "SECONDS": self.seconds, "LAYOUT": self.layout}.items():
            text = text.replace(key, str(value))
        spec = self.path.with_suffix(".yaml")
        spec.write_text(text)
        part = self.path.with_suffix(".part.nwb")
        subprocess.run([ferrospike, "simulate", "recording", spec, "-o", part], check=True, stdout=subprocess.DEVNULL)
        part.rename(self.path)

    def limit_arguments(self):
        """What the limit program is told, worked out once."""
        layout = self.path.with_suffix(".layout")
        if not layout.exists():
            subprocess.run([sys.executable, HERE / "layout.py", self.path], check=True)
        offset, frames, channels = layout.read_text().split()
        arguments = [str(self.path), offset, frames, channels, str(self.path.with_suffix(".limits"))]
        return arguments + (["--deflate", str(self.path.with_suffix(".chunks"))] if self.layout == "gzip" else [])
