"""Tasks generated from a seed, on which architectures part in seconds. Each file is one source."""
