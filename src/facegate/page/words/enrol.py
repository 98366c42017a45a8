"""Words of the view `enrol`."""

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Enrol", "Daftarkan"),
    "what_for": (
        "Teach the server a face. Three to five different photos of a person are a good number.",
        "Ajarkan wajah kepada server. Tiga sampai lima foto berbeda per orang adalah jumlah yang baik.",
    ),
    "tab_one": ("One person", "Satu orang"),
    "tab_many": ("Many people", "Banyak orang"),
    "subject_id": ("Id", "Id"),
    "subject_id_help": (
        "What other systems call this person: a user name or a number. It stays; the name can change.",
        "Sebutan orang ini di sistem lain: nama pengguna atau nomor. Id tetap; nama boleh berubah.",
    ),
    "display_name": ("Name", "Nama"),
    "display_name_help": (
        "As people read it. May stay empty.",
        "Seperti yang dibaca orang. Boleh kosong.",
    ),
    "groups_help": (
        "Such as staff or family. Rules of alerts can name groups. Type a new name to make one.",
        "Misalnya staf. Aturan pemberitahuan dapat memakai grup. Ketik nama baru untuk menambah.",
    ),
    "photos": ("Photos of this person alone", "Foto yang hanya memuat orang ini"),
    "use_webcam": ("Take photos with the webcam", "Ambil foto dengan kamera web"),
    "webcam": (
        "Look into the camera, and turn the head a little between photos",
        "Lihat ke kamera, dan gerakkan kepala sedikit di antara foto",
    ),
    "keep_shot": ("Keep this photo", "Simpan foto ini"),
    "shots": ("Kept from the webcam: {count}", "Disimpan dari kamera web: {count}"),
    "drop_shots": ("Drop them", "Buang semuanya"),
    "shot_name": ("Webcam photo {number}", "Foto kamera web {number}"),
    "shot_alt": ("A photo from the webcam", "Foto dari kamera web"),
    "submit": ("Enrol", "Daftarkan"),
    "id_missing": ("Give the person an id first.", "Beri id orang ini terlebih dahulu."),
    "photos_missing": ("Add at least one photo.", "Tambahkan setidaknya satu foto."),
    "too_many": (
        "At most {count} photos at once.",
        "Paling banyak {count} foto sekaligus.",
    ),
    "progress": ("Photo {number} of {count}", "Foto {number} dari {count}"),
    "result_none": (
        "None of the photos could be used, so nothing was enrolled.",
        "Tidak ada foto yang dapat dipakai, jadi tidak ada yang didaftarkan.",
    ),
    "result_some": (
        "{name} is enrolled with {count} of {all} photos.",
        "{name} terdaftar dengan {count} dari {all} foto.",
    ),
    "result_created": ("A new person.", "Orang baru."),
    "result_more": (
        "The person was known already; what was new was added.",
        "Orang ini sudah dikenal; yang baru ditambahkan.",
    ),
    "accepted": ("Accepted, quality {percent}", "Diterima, mutu {percent}"),
    "accepted_advice": (
        "Accepted, quality {percent}. A better one would help: {advice}",
        "Diterima, mutu {percent}. Foto yang lebih baik akan membantu: {advice}",
    ),
    "replaced": (
        "Poorer photos that were replaced, since a person has a limit: {count}",
        "Foto bermutu rendah yang diganti karena ada batas per orang: {count}",
    ),
    "next_identify": ("Try to identify this person", "Coba kenali orang ini"),
    "next_people": ("Show all people", "Tampilkan semua orang"),
    "another": ("Enrol another person", "Daftarkan orang lain"),
    "many_what": (
        "Photos laid out as `person/photo.jpg`: the folder's name becomes the person's id. "
        "Photos that are enrolled already add nothing, so an import that broke off can be repeated.",
        "Foto yang disusun sebagai `orang/foto.jpg`: nama folder menjadi id orang. Foto yang sudah "
        "terdaftar tidak menambah apa pun, jadi impor yang terputus dapat diulang.",
    ),
    "many_from": ("What to import", "Yang diimpor"),
    "many_zip": ("Zip file", "Berkas zip"),
    "many_folder": ("Folder", "Folder"),
    "many_encodings": ("Encodings", "Encoding"),
    "zip_file": ("A zip file of photos", "Berkas zip berisi foto"),
    "folder": ("A folder with one folder per person", "Folder berisi satu folder per orang"),
    "encodings_what": (
        "Encodings of face_recognition: 128 numbers per face in an npz, JSON or CSV file. They are only "
        "searched while the server uses dlib's net.",
        "Encoding dari face_recognition: 128 angka per wajah dalam berkas npz, JSON, atau CSV. Hanya dicari "
        "selama server memakai jaringan dlib.",
    ),
    "encodings_file": ("A file of encodings", "Berkas encoding"),
    "start_import": ("Import", "Impor"),
    "found": ("{photos} photos of {people} people.", "{photos} foto dari {people} orang."),
    "left_out": (
        "Pictures that lie elsewhere and are left out: {count}.",
        "Gambar yang terletak di tempat lain dan dilewati: {count}.",
    ),
    "no_photos": (
        "There are no photos laid out as person/photo.jpg in it.",
        "Tidak ada foto yang disusun sebagai orang/foto.jpg di dalamnya.",
    ),
    "not_a_zip": ("This is no zip file that can be read.", "Ini bukan berkas zip yang dapat dibaca."),
    "importing": ("Importing: {done} of {count} photos", "Mengimpor: {done} dari {count} foto"),
    "import_done": (
        "Import finished: {accepted} of {count} photos were taken.",
        "Impor selesai: {accepted} dari {count} foto diterima.",
    ),
    "import_broken": (
        "The import stopped after {done} of {count} photos. What was taken stays; start it again to finish.",
        "Impor berhenti setelah {done} dari {count} foto. Yang sudah diterima tetap ada; ulangi untuk "
        "menyelesaikan.",
    ),
    "import_people": ("People with new photos", "Orang dengan foto baru"),
    "import_accepted": ("Photos taken", "Foto diterima"),
    "import_rejected": ("Not taken", "Tidak diterima"),
    "rejected_list": ("What was not taken, and why", "Yang tidak diterima, dan alasannya"),
    "column_file": ("File", "Berkas"),
    "column_why": ("Why", "Alasan"),
    "encodings_done": (
        "{count} encodings of {people} people were taken over.",
        "{count} encoding dari {people} orang diambil alih.",
    ),
    "encodings_unused": (
        "They wait unused: the server searches with another net than dlib's.",
        "Encoding menunggu tanpa dipakai: server mencari dengan jaringan lain, bukan dlib.",
    ),
    "sending": ("Sending the file …", "Mengirim berkas …"),
}
