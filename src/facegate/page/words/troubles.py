"""What went wrong and what a person can do about it, by the server's names of errors.

`{said}` is the server's own sentence, `{server}` its address; `advice_…` is what would help a photo most.
"""

WORDS: dict[str, tuple[str, str]] = {
    "unreachable": (
        "No server answers at {server}. Start it with `make run`, or correct the address.",
        "Tidak ada server yang menjawab di {server}. Jalankan dengan `make run`, atau perbaiki alamatnya.",
    ),
    "too_slow": (
        "The server did not answer in time. It may be busy; try again in a moment.",
        "Server tidak menjawab tepat waktu. Mungkin sedang sibuk; coba lagi sebentar lagi.",
    ),
    "no_facegate": (
        "What answers at {server} is no facegate server ({said}).",
        "Yang menjawab di {server} bukan server facegate ({said}).",
    ),
    "not_authenticated": (
        "The server does not know this token. Check it, or make a new one with `facegate token create`.",
        "Server tidak mengenal token ini. Periksa, atau buat yang baru dengan `facegate token create`.",
    ),
    "not_permitted": (
        "The server does not allow this: {said}.",
        "Server tidak mengizinkan ini: {said}.",
    ),
    "invalid_input": (
        "The server does not take this as it is: {said}.",
        "Server tidak menerima isian ini: {said}.",
    ),
    "unreadable_image": (
        "This file is no picture that can be read; it may be broken or cut off.",
        "Berkas ini bukan gambar yang dapat dibaca; mungkin rusak atau terpotong.",
    ),
    "unsupported_image": (
        "Pictures of this format are not taken. Use JPEG, PNG, WebP, BMP or HEIC.",
        "Format gambar ini tidak diterima. Gunakan JPEG, PNG, WebP, BMP, atau HEIC.",
    ),
    "image_too_large": (
        "This file is too large for the server.",
        "Berkas ini terlalu besar bagi server.",
    ),
    "no_face": (
        "No face is to be found in this picture. Use one that shows the face larger and from the front.",
        "Tidak ada wajah yang ditemukan di gambar ini. Pakai gambar dengan wajah lebih besar dan dari depan.",
    ),
    "several_faces": (
        "There is more than one face in this picture. Use one that shows this person alone.",
        "Ada lebih dari satu wajah di gambar ini. Pakai gambar yang hanya memuat orang ini.",
    ),
    "poor_quality": (
        "The face is not clear enough in this picture: {said}.",
        "Wajah di gambar ini kurang jelas: {said}.",
    ),
    "not_live": (
        "This looks like a picture of a picture. Take a new photo of the person.",
        "Ini tampak seperti foto dari sebuah gambar. Ambil foto baru dari orangnya.",
    ),
    "subject_not_found": (
        "This person is not in the gallery any more.",
        "Orang ini sudah tidak ada di galeri.",
    ),
    "template_not_found": (
        "This template is not there any more.",
        "Templat ini sudah tidak ada.",
    ),
    "token_not_found": ("This token is not there any more.", "Token ini sudah tidak ada."),
    "client_not_found": (
        "This workstation user is not registered any more.",
        "Pengguna komputer kerja ini sudah tidak terdaftar.",
    ),
    "evidence_not_found": ("This evidence is not there any more.", "Bukti ini sudah tidak ada."),
    "terminal_not_found": ("The server does not know this terminal.", "Server tidak mengenal terminal ini."),
    "enrolment_not_found": (
        "The terminal knows nobody by this number.",
        "Terminal tidak mengenal siapa pun dengan nomor ini.",
    ),
    "camera_not_found": ("This camera is not there any more.", "Kamera ini sudah tidak ada."),
    "channel_not_found": ("This channel is not there any more.", "Saluran ini sudah tidak ada."),
    "event_not_found": (
        "This event or its picture is not there any more.",
        "Kejadian ini atau gambarnya sudah tidak ada.",
    ),
    "subject_exists": ("There is such a person already.", "Orang seperti ini sudah ada."),
    "client_conflict": (
        "That does not fit the state this user is in: {said}.",
        "Itu tidak sesuai dengan keadaan pengguna ini: {said}.",
    ),
    "terminal_offline": (
        "The terminal is not connected. Try again when it is.",
        "Terminal tidak terhubung. Coba lagi setelah terhubung.",
    ),
    "command_timed_out": (
        "The terminal did not answer in time.",
        "Terminal tidak menjawab tepat waktu.",
    ),
    "terminal_refused": ("The terminal refused: {said}.", "Terminal menolak: {said}."),
    "camera_failed": ("The camera gives no picture: {said}.", "Kamera tidak memberi gambar: {said}."),
    "channel_failed": (
        "The message could not be sent: {said}.",
        "Pesan tidak dapat dikirim: {said}.",
    ),
    "rate_limited": (
        "Too many questions at once. Wait a moment and try again.",
        "Terlalu banyak permintaan sekaligus. Tunggu sebentar lalu coba lagi.",
    ),
    "overloaded": (
        "The server is busy. Wait a moment and try again.",
        "Server sedang sibuk. Tunggu sebentar lalu coba lagi.",
    ),
    "capability_missing": (
        "The server lacks something for this: {said}.",
        "Server kekurangan sesuatu untuk ini: {said}.",
    ),
    "engine_failed": (
        "The server could not analyse the picture; its log says why.",
        "Server gagal menganalisis gambar; catatannya (log) menjelaskan sebabnya.",
    ),
    "store_failed": (
        "The server cannot read or write its data; its log says why.",
        "Server tidak dapat membaca atau menulis datanya; catatannya (log) menjelaskan sebabnya.",
    ),
    "bus_failed": (
        "The server cannot reach its message bus; its log says why.",
        "Server tidak dapat menjangkau jalur pesannya; catatannya (log) menjelaskan sebabnya.",
    ),
    "gallery_in_use": (
        "Another process uses the gallery.",
        "Proses lain sedang memakai galeri.",
    ),
    "internal": (
        "Something broke in the server; its log says what.",
        "Ada yang rusak di server; catatannya (log) menjelaskan apa.",
    ),
    "other": ("That did not work: {said}.", "Tidak berhasil: {said}."),
    "advice_size": (
        "come closer or send a larger picture",
        "mendekat atau kirim gambar yang lebih besar",
    ),
    "advice_sharpness": (
        "hold still and focus: the face is blurred",
        "jangan bergerak dan fokuskan: wajahnya kabur",
    ),
    "advice_pose": ("look straight into the camera", "pandang lurus ke kamera"),
    "advice_exposure": (
        "light the face evenly, neither dark nor glaring",
        "terangi wajah secara merata, tidak gelap dan tidak silau",
    ),
    "advice_visibility": (
        "show the whole face, not covered or cut off",
        "perlihatkan seluruh wajah, tidak tertutup atau terpotong",
    ),
}
