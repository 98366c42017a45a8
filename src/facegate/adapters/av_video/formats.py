"""Which containers FFmpeg may take bytes for.

Playlists and descriptions (HLS, DASH, concat, SDP, image lists …) name further addresses or files, which
would then be opened unchecked: they are not among them.
"""

CONTAINERS = ",".join(
    (
        "mov,mp4,m4a,3gp,3g2,mj2",
        "matroska,webm",
        "mpegts",
        "mpeg",
        "mpegvideo",
        "flv",
        "live_flv",
        "avi",
        "asf",
        "ogg",
        "ivf",
        "nut",
        "h264",
        "hevc",
        "m4v",
        "mjpeg",
        "obu",
    )
)
"""As FFmpeg's `format_whitelist`."""
