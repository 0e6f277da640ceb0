"""How `notemill accelerate` trains an exit head and chooses where and when windows leave."""
