"""The pure core: same input, same output. Modules stand in the order in which the data flows."""
