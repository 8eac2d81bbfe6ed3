"""How fast variants read and write, by context and batch, in several engines; and the bound that memory sets."""
