"""Run one command and tell its wall time, CPU time and peak memory as JSON.

A process of its own, small, because a child counts the memory of the process it was forked from as its own peak.

    python one.py COMMAND...
"""

import json
import resource
import subprocess
import sys
import time

started = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
wall = time.perf_counter() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
told = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024}
json.dump(told | {"code": done.returncode, "errors": done.stderr.decode(errors="replace")[-2000:]}, sys.stdout)
