"""Video through FFmpeg's libraries (PyAV): RTSP, HTTP, files and webcams. See docs/decisions/0014.

`VideoSource` is `AvVideoSource`. FFmpeg itself connects to nothing but this process: what leaves it goes
through `checked_network`, where every address is checked.
"""

from facegate.adapters.av_video.source import AvVideoSource

__all__ = ["AvVideoSource"]
