"""Words of the view `overview`."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Overview", "Ringkasan"),
    "what_for": (
        "Who was seen lately, and whether anything needs you.",
        "Siapa yang terlihat belakangan ini, dan apakah ada yang perlu Anda tangani.",
    ),
    "people": ("People", "Orang"),
    "templates": ("Templates", "Templat"),
    "cameras_live": ("Cameras live", "Kamera aktif"),
    "of": ("{some} of {all}", "{some} dari {all}"),
    "reviews": ("Waiting for review", "Menunggu ditinjau"),
    "alerts_waiting": ("Alerts waiting", "Pemberitahuan menunggu"),
    "alerts_failed": ("Alerts failed today", "Pemberitahuan gagal hari ini"),
    "health_well": (
        "The server is well. Running for {span}, version {version}.",
        "Server dalam keadaan baik. Berjalan selama {span}, versi {version}.",
    ),
    "health_models": (
        "These models are missing, and what they do cannot be done: {models}.",
        "Model berikut tidak ada, sehingga fungsinya tidak dapat dipakai: {models}.",
    ),
    "health_cameras": (
        "{count} of your cameras give no picture.",
        "{count} kamera Anda tidak memberi gambar.",
    ),
    "health_busy": (
        "The server is busy: {count} pictures wait for its analysis.",
        "Server sedang sibuk: {count} gambar menunggu dianalisis.",
    ),
    "health_disk": (
        "The disk is nearly full: {free} are free.",
        "Disk hampir penuh: tersisa {free}.",
    ),
    "look_at_reviews": ("Review them", "Tinjau sekarang"),
    "look_at_cameras": ("Look at the cameras", "Lihat kamera"),
    "look_at_alerts": ("Look at the alerts", "Lihat pemberitahuan"),
    "over_time": ("Seen over time", "Terlihat dari waktu ke waktu"),
    "span": ("Period", "Periode"),
    "last_day": ("24 hours", "24 jam"),
    "last_week": ("7 days", "7 hari"),
    "last_month": ("30 days", "30 hari"),
    "known": ("Known people", "Orang dikenal"),
    "strangers": ("Strangers", "Orang asing"),
    "chart_alt": (
        "Known people and strangers over time",
        "Orang dikenal dan orang asing dari waktu ke waktu",
    ),
    "nothing_seen": ("Nobody was seen in this time", "Tidak ada yang terlihat pada waktu ini"),
    "nothing_seen_next": (
        "Events appear here as soon as a camera, a terminal or another door sees somebody.",
        "Kejadian muncul di sini begitu kamera, terminal, atau pintu lain melihat seseorang.",
    ),
    "latest": ("Latest events", "Kejadian terbaru"),
    "all_events": ("The whole history", "Seluruh riwayat"),
    "first_steps": ("First steps", "Langkah pertama"),
    "first_steps_what": (
        "The server runs and knows nobody yet. Three steps, and it recognises people.",
        "Server berjalan dan belum mengenal siapa pun. Tiga langkah, dan ia mengenali orang.",
    ),
    "step_enrol": (
        "**Enrol a person** from a few photos or the webcam.",
        "**Daftarkan seseorang** dari beberapa foto atau kamera web.",
    ),
    "step_identify": (
        "**Identify**: try another photo of the same person.",
        "**Kenali**: coba foto lain dari orang yang sama.",
    ),
    "step_camera": (
        "**Add a camera** and be told when somebody is seen.",
        "**Tambahkan kamera** dan dapatkan pemberitahuan saat seseorang terlihat.",
    ),
    "go_enrol": ("Enrol", "Daftarkan"),
    "go_identify": ("Identify", "Kenali"),
    "go_camera": ("Cameras", "Kamera"),
}
