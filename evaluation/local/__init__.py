"""The product in one process: its own steps and adapters over a folder, a registry in memory, local models, a node."""
