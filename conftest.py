"""Pytest wiring only: the harness's own tests drive pytest itself."""

pytest_plugins = ["pytester"]
