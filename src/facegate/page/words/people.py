"""Words of the view `people`."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("People", "Orang"),
    "what_for": (
        "Everybody the server knows, with the templates it recognises them by.",
        "Semua orang yang dikenal server, beserta templat untuk mengenali mereka.",
    ),
    "search": ("Search by id or name", "Cari menurut id atau nama"),
    "nobody": ("Nobody is enrolled yet", "Belum ada yang terdaftar"),
    "nobody_next": (
        "Enrol the first person from a few photos or the webcam.",
        "Daftarkan orang pertama dari beberapa foto atau kamera web.",
    ),
    "go_enrol": ("Enrol somebody", "Daftarkan seseorang"),
    "none_found": ("Nobody fits this search", "Tidak ada yang sesuai dengan pencarian ini"),
    "none_found_next": (
        "Try a part of the id or of the name.",
        "Coba sebagian dari id atau nama.",
    ),
    "templates_count": ("Templates: {count}", "Templat: {count}"),
    "no_templates": ("no templates: cannot be recognised", "tanpa templat: tidak dapat dikenali"),
    "open": ("Open", "Buka"),
    "previous": ("Previous", "Sebelumnya"),
    "next": ("Next", "Berikutnya"),
    "page": ("Page {number}", "Halaman {number}"),
    "back": ("All people", "Semua orang"),
    "known_since": ("Known since {when}, changed {ago}.", "Dikenal sejak {when}, diubah {ago}."),
    "details": ("Name and groups", "Nama dan grup"),
    "name": ("Name", "Nama"),
    "groups_help": (
        "Rules of alerts can name groups. Type a new name to make one.",
        "Aturan pemberitahuan dapat memakai grup. Ketik nama baru untuk menambah.",
    ),
    "saved": ("Saved.", "Tersimpan."),
    "templates": ("Templates", "Templat"),
    "templates_what": (
        "One for each photo that was taken. Several different photos make recognition surer.",
        "Satu untuk setiap foto yang diterima. Beberapa foto berbeda membuat pengenalan lebih pasti.",
    ),
    "templates_none": ("No templates", "Tidak ada templat"),
    "templates_none_next": (
        "Without one this person cannot be recognised: enrol photos under the id {subject_id}.",
        "Tanpa templat orang ini tidak dapat dikenali: daftarkan foto dengan id {subject_id}.",
    ),
    "template_quality": ("Quality {percent}", "Mutu {percent}"),
    "template_no_quality": (
        "Imported without a picture",
        "Diimpor tanpa gambar",
    ),
    "template_facts": ("From {source}, {when}, model {model}", "Dari {source}, {when}, model {model}"),
    "template_unused": (
        "Not searched: another model made it",
        "Tidak dicari: dibuat oleh model lain",
    ),
    "template_sure": (
        "Delete this template for good?",
        "Hapus templat ini untuk selamanya?",
    ),
    "template_deleted": ("The template is deleted.", "Templat telah dihapus."),
    "merge": ("Merge into another person", "Gabungkan ke orang lain"),
    "merge_what": (
        "For somebody who was enrolled twice: templates, groups and history go to the other, and {name} is "
        "removed.",
        "Untuk orang yang terdaftar dua kali: templat, grup, dan riwayat pindah ke yang lain, lalu {name} "
        "dihapus.",
    ),
    "merge_search": ("Find the other person", "Cari orang yang lain"),
    "merge_into": ("Merge into", "Gabungkan ke"),
    "merge_button": ("Merge", "Gabungkan"),
    "merge_sure": (
        "Merge {name} into {other}? This cannot be undone.",
        "Gabungkan {name} ke {other}? Ini tidak dapat dibatalkan.",
    ),
    "merge_yes": ("Yes, merge", "Ya, gabungkan"),
    "merged": (
        "Merged: {moved} templates moved, {left_out} were there already or not among the best.",
        "Digabungkan: {moved} templat dipindahkan, {left_out} sudah ada atau bukan yang terbaik.",
    ),
    "remove": ("Delete this person", "Hapus orang ini"),
    "remove_what": (
        "Removes the person with all templates and everything else the server has of them.",
        "Menghapus orang ini beserta semua templat dan semua data lain tentangnya di server.",
    ),
    "remove_sure": (
        "Delete {name} for good? Every template and picture of this person is removed.",
        "Hapus {name} untuk selamanya? Semua templat dan gambar orang ini akan dihapus.",
    ),
    "removed": ("{name} is deleted.", "{name} telah dihapus."),
}
