"""Start a program under limits of this process: `python -I -S launch.py [options] -- program arguments...`.

A process of its own, and a small one: what a test's process is, and how much memory it had, must not be handed on.

--bits      root gives up what lets it pass over permission bits, so that they hold for it as for anybody
--fsize N   no file may grow beyond N bytes, and trying is an error, not a signal: a disk that is full
--peak FILE the most memory that the program had, in KiB, is written to FILE
"""

import os
import resource
import signal
import sys

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


def drop_override() -> None:
    """Leave out two capabilities of what the next program will have. Needs CAP_SETPCAP, which root usually has."""
    import ctypes  # noqa: PLC0415 - costs more than all the rest

    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            raise SystemExit(f"prctl: {os.strerror(ctypes.get_errno())}")


def main(arguments: list[str]) -> int:
    """Apply the options, and become the program, or wait for it where it is measured."""
    peak = ""
    while (option := arguments.pop(0)) != "--":
        if option == "--bits":
            if os.geteuid() == 0:
                drop_override()
        elif option == "--fsize":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            limit = int(arguments.pop(0))
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        elif option == "--peak":
            peak = arguments.pop(0)
    if not peak:
        os.execv(arguments[0], arguments)  # noqa: S606 - to become a program is what this is for
    child = os.posix_spawn(arguments[0], arguments, os.environ)
    _, status, usage = os.wait4(child, 0)
    with open(peak, "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib costs more memory than this process has
        file.write(str(usage.ru_maxrss))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
