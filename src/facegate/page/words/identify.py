"""Words of the view `identify`."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Identify", "Kenali"),
    "what_for": (
        "Show the server a picture: it names every face that it knows, and says how sure it is.",
        "Tunjukkan gambar kepada server: ia menyebut setiap wajah yang dikenalnya, dan seberapa yakin.",
    ),
    "from": ("Where the picture comes from", "Asal gambar"),
    "from_file": ("File", "Berkas"),
    "from_webcam": ("Webcam", "Kamera web"),
    "file": ("A picture with one or more faces", "Gambar dengan satu wajah atau lebih"),
    "webcam": ("Take a photo", "Ambil foto"),
    "liveness": ("Also check whether the faces look live", "Periksa juga apakah wajahnya tampak hidup"),
    "liveness_help": (
        "One cue against photos and screens held before the camera, no proof.",
        "Satu petunjuk terhadap foto dan layar di depan kamera, bukan bukti.",
    ),
    "working": ("Looking at the picture …", "Memeriksa gambar …"),
    "nothing_yet": ("No picture yet", "Belum ada gambar"),
    "nothing_yet_next": (
        "Choose a file or use the webcam. The picture goes to your server and nowhere else.",
        "Pilih berkas atau pakai kamera web. Gambar dikirim ke server Anda saja.",
    ),
    "nobody_enrolled": (
        "Nobody is enrolled yet, so every face will be unknown.",
        "Belum ada yang terdaftar, jadi setiap wajah tidak akan dikenal.",
    ),
    "go_enrol": ("Enrol somebody", "Daftarkan seseorang"),
    "no_face": ("No face was found", "Tidak ada wajah ditemukan"),
    "no_face_next": (
        "Use a picture in which faces are larger, upright and not covered.",
        "Pakai gambar dengan wajah yang lebih besar, tegak, dan tidak tertutup.",
    ),
    "not_shown": (
        "The picture itself cannot be shown here; the result below is complete.",
        "Gambarnya tidak dapat ditampilkan di sini; hasil di bawah tetap lengkap.",
    ),
    "picture_alt": ("The picture with boxes around its faces", "Gambar dengan kotak di sekitar wajah"),
    "faces": ("Faces found: {count}", "Wajah ditemukan: {count}"),
    "stranger": ("Unknown", "Tak dikenal"),
    "may_be": ("Maybe {name}", "Mungkin {name}"),
    "confidence_is": ("Confidence {percent}", "Keyakinan {percent}"),
    "confidence_help": (
        "Calibrated: 50 % is the balanced operating point. It is no raw similarity.",
        "Terkalibrasi: 50 % adalah titik kerja seimbang. Bukan kemiripan mentah.",
    ),
    "one_in": (
        "About 1 in {count} strangers would look this much like {name}.",
        "Sekitar 1 dari {count} orang asing akan tampak semirip ini dengan {name}.",
    ),
    "one_in_at_most": (
        "Fewer than 1 in {count} strangers would look this much like {name}.",
        "Kurang dari 1 dari {count} orang asing akan tampak semirip ini dengan {name}.",
    ),
    "why_review": (
        "Close, but not close enough to be sure: a person should look.",
        "Dekat, tetapi belum cukup untuk yakin: perlu dilihat manusia.",
    ),
    "why_unknown": (
        "Nobody in the gallery is close enough.",
        "Tidak ada di galeri yang cukup mirip.",
    ),
    "not_live": (
        "The face does not look live, so nobody is named.",
        "Wajahnya tidak tampak hidup, jadi tidak ada nama yang disebut.",
    ),
    "looks_live": ("Looks live ({percent}).", "Tampak hidup ({percent})."),
    "quality_is": ("Quality {percent}", "Mutu {percent}"),
    "quality_advice": (
        "Quality {percent}. To do better: {advice}.",
        "Mutu {percent}. Agar lebih baik: {advice}.",
    ),
    "candidates": ("Candidates and numbers", "Kandidat dan angka"),
    "no_candidates": ("There was nobody to compare with.", "Tidak ada yang dapat dibandingkan."),
    "column_person": ("Person", "Orang"),
    "column_confidence": ("Confidence", "Keyakinan"),
    "column_similarity": ("Similarity", "Kemiripan"),
    "numbers": (
        "A match needs a similarity of {needed} among {count} templates.",
        "Kecocokan memerlukan kemiripan {needed} di antara {count} templat.",
    ),
    "margin": (
        "The first is {margin} ahead of the second.",
        "Yang pertama unggul {margin} dari yang kedua.",
    ),
}
