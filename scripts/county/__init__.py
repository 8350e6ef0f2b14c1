"""Makes the demo county from its real divisions and outline, with a fixed seed.

``python -m scripts.county`` writes ``data/demo/`` anew, byte for byte the same.
"""
