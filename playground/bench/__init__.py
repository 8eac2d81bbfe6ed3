"""Our speed beside its peers', measured in one process, in turns. One file a benchmark: `report() -> Report`."""
