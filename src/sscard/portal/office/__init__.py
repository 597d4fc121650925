"""The office: staff accounts and roles, the area's values with their sources, the sandbox clock, imports and batches."""
