"""Words of the view `review`."""

WORDS: dict[str, tuple[str, str]] = {
    "what_for": (
        "Faces that are close to somebody, but not close enough to be sure. One click says who it was.",
        "Wajah yang mirip seseorang, tetapi belum cukup pasti. Satu klik menyatakan siapa orangnya.",
    ),
    "none_yet": ("Nothing waits for you", "Tidak ada yang menunggu"),
    "none_yet_step": (
        "Faces that the server is not sure of appear here. Any other event is corrected under History.",
        "Wajah yang diragukan server muncul di sini. Kejadian lain dikoreksi di Riwayat.",
    ),
    "waiting": ("Waiting: **{count}**", "Menunggu: **{count}**"),
    "more_after": ("More come when these are decided.", "Yang lain muncul setelah ini diputuskan."),
    "question": ("Who is it?", "Siapa ini?"),
    "candidate": ("It is {name} ({percent})", "Ini {name} ({percent})"),
    "stranger": ("A stranger", "Orang tak dikenal"),
    "somebody_else": ("Somebody else", "Orang lain"),
    "keep": ("It is this person", "Orang ini"),
}
