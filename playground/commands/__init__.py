"""The commands of `python -m playground`, one file each: `add_arguments(parser)` and `run(arguments) -> exit code`."""
