# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs programs in turn and sums up what they took."""
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from recordings import CACHE, HERE


@dataclass
class Run:
    wall: float
    cpu: float
    peak_mb: float
    events: int


def _process(command, environment=None):
    """Wall and processor seconds, peak memory and output of a whole process."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    output, errors = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{errors.decode()}")
    return Run(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, 0), output.decode()


def tool(name, recording, workers=2):
    """A Python tool: the time of its bare call, without imports and warming up."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("OPENBLAS_")}
    environment["OMP_NUM_THREADS"] = "1"
    _, output = _process([sys.executable, HERE / "tools.py", name, recording.path, workers], environment)
    told = json.loads(output.strip().splitlines()[-1])
    return Run(told["wall_s"], told["cpu_s"], told["peak_kB"] * 1024 / 1e6, told["events"])


def limit_program(compiler="cc"):
    """The C program for this machine's vectors, as ferrospike is built for them, and for 256 bits."""
    CACHE.mkdir(parents=True, exist_ok=True)
    narrow = ["-march=x86-64-v3"]
    wide = ["-march=x86-64-v4", "-DWIDTH=64"] if "avx512vl" in Path("/proc/cpuinfo").read_text() else narrow
    for program, flags in (("limit", wide), ("limit-256", narrow)):
        subprocess.run([compiler, "-O3", *flags, "-o", CACHE / program, HERE / "limit.c", "-ldeflate", "-lpthread"], check=True)


def limit(recording, *options, program="limit"):
    """The C program's own time, from its first thread to its last."""
    _, output = _process([CACHE / program, *recording.limit_arguments(), *options])
    told = json.loads(output)
    return Run(told["wall_s"], told["cpu_s"], told["peak_kB"] * 1024 / 1e6, told["crossings"])


def ferrospike(program, recording, *options, pipeline=HERE / "pipeline.yaml"):
    """The whole process, with reading the file's header and writing the results."""
    with tempfile.TemporaryDirectory() as folder:
        run, _ = _process([program, "run", pipeline, recording.path, "-o", Path(folder) / "out", *options])
        tables = list(Path(folder).glob("out/*/units.csv"))
        if tables:
            rows = [line.split(",") for line in tables[0].read_text().splitlines()]
            if "spike_count" in rows[0]:
                run.events = sum(int(row[rows[0].index("spike_count")]) for row in rows[1:])
    return run


def peak_or_refusal(program, recording, budget):
    """Peak memory in MB under a budget in MB, or `refused`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", HERE / "pipeline.yaml", recording.path, "-o", Path(folder) / "out", "--workers", "2", "--memory", f"{budget}MB"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return "refused" if process.returncode == 2 else f"{usage.ru_maxrss * 1024 / 1e6:.0f}"


def warm(path):
    """Brings a file into the page cache."""
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def in_turn(contenders, rounds):
    """Runs every contender once a round, so that what drifts drifts for all."""
    runs = {name: [] for name in contenders}
    for number in range(rounds):
        for name, call in contenders.items():
            runs[name].append(call())
            print(f"    round {number + 1}: {name}: {runs[name][-1].wall:.2f} s, {runs[name][-1].cpu:.2f} s of processors", file=sys.stderr)
    return runs


def spread(values, digits=2):
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def ratios(runs, over, of, key):
    """Round by round, how many times `over` takes what `of` takes."""
    return [getattr(a, key) / getattr(b, key) for a, b in zip(runs[over], runs[of])]


def machine():
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), platform.machine())
    memory = next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    compiler = subprocess.run(["cc", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()[:1] if shutil.which("swift") else []
    return (
        f"{model}, {os.cpu_count()} cores, {memory / 2**20:.0f} GiB, Linux {platform.release().split('-')[0]}; "
        f"{swift[0] if swift else 'no Swift'}; {compiler}; Python {platform.python_version()}")


def versions(*names):
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in names)


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])
