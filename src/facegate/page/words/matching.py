"""Words of the view `matching`."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Matching", "Pencocokan"),
    "what_for": (
        "How well your server tells your people apart, and what your tolerance means.",
        "Seberapa baik server membedakan orang-orang Anda, dan apa arti toleransi Anda.",
    ),
    "tolerance": ("Tolerance", "Toleransi"),
    "strict": ("strict", "ketat"),
    "balanced": ("balanced", "seimbang"),
    "permissive": ("permissive", "longgar"),
    "match_needs": ("A match needs", "Kecocokan perlu"),
    "recognised": ("Own pairs that match", "Pasangan sendiri yang cocok"),
    "mistaken": ("Others' pairs that match", "Pasangan orang lain yang cocok"),
    "unknown_share": ("not known", "belum diketahui"),
    "meaning": ("What the tolerance means", "Arti toleransi"),
    "meaning_rate": (
        "With a tolerance of {tolerance}, about **1 search in {count}** for a stranger finds somebody by "
        "mistake. That holds for the gallery as a whole: the more templates it has, the more alike two faces "
        "must be.",
        "Dengan toleransi {tolerance}, kira-kira **1 dari {count} pencarian** untuk orang asing keliru "
        "menemukan seseorang. Itu berlaku untuk seluruh galeri: makin banyak templat, makin mirip dua wajah "
        "harus terlihat.",
    ),
    "meaning_now": (
        "Now, with {templates} templates, a match needs a similarity of **{match}**. From **{review}** on a "
        "person should look. A check of one claimed person needs **{check}**.",
        "Sekarang, dengan {templates} templat, kecocokan memerlukan kemiripan **{match}**. Mulai "
        "**{review}** perlu dilihat manusia. Pemeriksaan terhadap satu orang yang disebut memerlukan "
        "**{check}**.",
    ),
    "meaning_distance": (
        "The server compares by distance, as the old library did: faces closer than {tolerance} are one "
        "person, however many people there are. The larger the gallery, the more strangers are mistaken for "
        "somebody.",
        "Server membandingkan menurut jarak, seperti pustaka lama: wajah yang lebih dekat dari {tolerance} "
        "dianggap satu orang, berapa pun jumlah orangnya. Makin besar galeri, makin banyak orang asing "
        "disangka seseorang.",
    ),
    "meaning_change": (
        "Lower is stricter: 0.4 is strict, 0.6 balanced, 0.8 permissive. Change it with "
        "`RECOGNITION_TOLERANCE` and start the server again.",
        "Lebih rendah lebih ketat: 0.4 ketat, 0.6 seimbang, 0.8 longgar. Ubah lewat "
        "`RECOGNITION_TOLERANCE` lalu jalankan ulang server.",
    ),
    "spread": ("How alike your people's photos are", "Kemiripan foto orang-orang Anda"),
    "spread_what": (
        "Two photos of one person should lie to the right of the line of a match, photos of two persons far "
        "to its left. Where both heaps overlap, people are mistaken for each other.",
        "Dua foto satu orang seharusnya di kanan garis kecocokan, foto dua orang jauh di kirinya. Jika kedua "
        "tumpukan bertumpuk, orang dapat tertukar.",
    ),
    "genuine": ("One person", "Satu orang"),
    "impostor": ("Two persons", "Dua orang"),
    "similarity": ("Similarity", "Kemiripan"),
    "share": ("Share of pairs", "Bagian pasangan"),
    "line_match": ("match", "cocok"),
    "line_review": ("review", "tinjau"),
    "spread_alt": (
        "Histogram of similarities of one person's and of two persons' photos",
        "Histogram kemiripan foto satu orang dan dua orang",
    ),
    "pairs": (
        "{genuine} pairs of one person, {impostor} pairs of two persons, of {templates} templates of "
        "{people} people.",
        "{genuine} pasangan satu orang, {impostor} pasangan dua orang, dari {templates} templat {people} "
        "orang.",
    ),
    "sampled": ("Of a large gallery a part is compared.", "Dari galeri besar hanya sebagian dibandingkan."),
    "few": ("There are too few photos to compare", "Foto terlalu sedikit untuk dibandingkan"),
    "few_next": (
        "Enrol at least two people, one of them with two photos or more. Then this shows how well they are "
        "told apart.",
        "Daftarkan setidaknya dua orang, salah satunya dengan dua foto atau lebih. Setelah itu terlihat "
        "seberapa baik mereka dibedakan.",
    ),
    "no_genuine": (
        "Nobody has two photos yet, so it cannot be said how surely people are recognised.",
        "Belum ada yang memiliki dua foto, jadi belum dapat dikatakan seberapa pasti orang dikenali.",
    ),
    "go_enrol": ("Enrol people", "Daftarkan orang"),
    "curve": ("How often strangers are this alike", "Seberapa sering orang asing semirip ini"),
    "curve_what": (
        "The calibration of the model: of all pairs of two persons, the share that reaches a similarity. "
        "Measured on {measured_on}.",
        "Kalibrasi model: dari semua pasangan dua orang, bagian yang mencapai suatu kemiripan. Diukur pada "
        "{measured_on}.",
    ),
    "rate": ("Share of strangers", "Bagian orang asing"),
    "curve_alt": (
        "Falling curve of the false-match rate over similarity, on a logarithmic scale",
        "Kurva menurun tingkat salah-cocok terhadap kemiripan, berskala logaritmik",
    ),
    "model": ("Model {model}", "Model {model}"),
}
