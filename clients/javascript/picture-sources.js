// Where pictures come from. A source has `open()`, `newest()`, which gives a picture as base64 or null when there
// are no more, `makeSmaller()`, which says whether smaller ones will follow, and `close()`.

const SMALLEST_SIDE_PX = 320;
const REOPEN_AFTER_MS = 2000;
const PICTURE = /\.(jpe?g|png|webp|bmp|hei[cf])$/i;

/** A browser's camera: getUserMedia, drawn onto a canvas, encoded as JPEG. */
export class CameraSource {
  #video;
  #ownsVideo;
  #canvas = null;
  #stream = null;
  #constraints;
  #longestSidePx;
  #quality;
  #isClosed = true;

  constructor({ video = null, longestSidePx = 800, quality = 0.85, constraints = {} } = {}) {
    this.#ownsVideo = video === null;
    this.#video = video;
    this.#longestSidePx = longestSidePx;
    this.#quality = quality;
    this.#constraints = { audio: false, video: { facingMode: "user", ...constraints } };
  }

  async open() {
    if (!globalThis.navigator?.mediaDevices) {
      throw new Error("this page may not use a camera: serve it over https or from localhost");
    }
    this.#canvas ??= document.createElement("canvas");
    if (this.#ownsVideo) this.#video ??= document.createElement("video");
    this.#isClosed = false;
    await this.#openCamera();
  }

  async #openCamera() {
    this.#stream = await navigator.mediaDevices.getUserMedia(this.#constraints);
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = this.#stream;
    await this.#video.play();
  }

  async newest() {
    await this.#openAgainWhileEnded();
    if (this.#isClosed) return null;
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, this.#longestSidePx / Math.max(videoWidth, videoHeight));
    this.#canvas.width = Math.max(1, Math.round(videoWidth * scale));
    this.#canvas.height = Math.max(1, Math.round(videoHeight * scale));
    const brush = this.#canvas.getContext("2d", { alpha: false });
    brush.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    const blob = await new Promise((give) => this.#canvas.toBlob(give, "image/jpeg", this.#quality));
    if (blob === null) throw new Error("the browser could not make a JPEG of the camera's picture");
    return toBase64(new Uint8Array(await blob.arrayBuffer()));
  }

  makeSmaller() {
    if (this.#longestSidePx <= SMALLEST_SIDE_PX) return false;
    this.#longestSidePx = Math.max(SMALLEST_SIDE_PX, Math.round(this.#longestSidePx * 0.7));
    return true;
  }

  close() {
    this.#isClosed = true;
    this.#letGo();
  }

  #letGo() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    if (this.#video) this.#video.srcObject = null;
  }

  // A camera that was unplugged leaves its last picture standing, which must not be shown again and again.
  async #openAgainWhileEnded() {
    while (!this.#isClosed && this.#stream?.getVideoTracks()[0]?.readyState !== "live") {
      this.#letGo();
      try {
        await this.#openCamera();
      } catch {
        await new Promise((give) => setTimeout(give, REOPEN_AFTER_MS));
      }
    }
    if (this.#isClosed) this.#letGo();
  }
}

/** Node.js: the pictures of a folder in the order of their names, again and again. */
export class PictureSource {
  #folder;
  #loop;
  #left = [];
  #hasBegun = false;

  constructor(folder, { loop = true } = {}) {
    this.#folder = folder;
    this.#loop = loop;
  }

  async open() {
    if ((await this.#list()).length === 0) throw new Error(`${this.#folder} holds no picture`);
    this.#left = [];
    this.#hasBegun = false;
  }

  async newest() {
    const { readFile } = await import("node:fs/promises");
    if (this.#left.length === 0) {
      if (this.#hasBegun && !this.#loop) return null;
      this.#left = await this.#list();
      this.#hasBegun = true;
    }
    const path = this.#left.shift();
    return path === undefined ? null : (await readFile(path)).toString("base64");
  }

  makeSmaller() {
    return false;
  }

  close() {}

  async #list() {
    const { readdir } = await import("node:fs/promises");
    const { join } = await import("node:path");
    const names = await readdir(this.#folder);
    return names.filter((name) => PICTURE.test(name)).sort().map((name) => join(this.#folder, name));
  }
}

function toBase64(bytes) {
  let text = "";
  // An argument list has a bound.
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
