"""Pure functions from a published model file to the graph we run, all on the `onnx` package.

Only fetching imports these modules; serving never does. `steps.py` maps the manifest's step names to them.
"""
