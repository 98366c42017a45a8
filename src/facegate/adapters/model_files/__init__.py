"""Ready-to-run model files: fetched as data, checked by hash, converted, checked by golden values, cached.

    files = CachedModelFiles(default_cache_folder(), operator_folder=None, may_fetch=True)
    path = files.locate("yunet-2023mar")      # <cache folder>/yunet-2023mar.onnx, fetched if need be

Model ids: yunet-2023mar, sface-2021dec, minifasnet-se, yolox-nano; optional: sface-2021dec-int8,
dlib-resnet-v1, dlib-resnet-v1-int8. What each ready file expects and answers is in `manifest.json`
(`preprocessing`).
"""

from facegate.adapters.model_files.cached_model_files import CachedModelFiles, default_cache_folder

__all__ = ["CachedModelFiles", "default_cache_folder"]
