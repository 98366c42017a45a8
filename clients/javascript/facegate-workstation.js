// Agent for a workstation that facegate watches, for browsers and Node.js (20.10 with --experimental-websocket,
// or 22). It shows the server pictures, one in flight at a time, and tells what the answers say as events:
// "verdict", "lock", "signout", "state" and "failure". See README.md; types are in index.d.ts.

export { CameraSource, PictureSource } from "./picture-sources.js";

const VERDICTS = ["NO_ACTION", "ACTION_LOCK_SCREEN", "ACTION_SIGN_OUT", "ACTION_WARNING"];
const HOOKS = { ACTION_LOCK_SCREEN: "lock", ACTION_SIGN_OUT: "signout" };
const TURNED_AWAY = 4001;
const FULL = 4002;
const TOO_LARGE = 1009;
const STRETCH = 0.5;
const ASK = "ask the administrator";

/** 5, 10, 20, 40 s after a lost connection, 30 s where the server is full, 10 min where a human is asked. */
export class Backoff {
  #lostCount = 0;
  #options;

  constructor(options = {}) {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const defaults = { firstMs: 5000, longestMs: 60_000, fullMs: 30_000, asksHumanMs: 600_000 };
    this.#options = { ...defaults, chance: Math.random, ...given };
  }

  /** A picture got its verdict: the next loss is the first again. */
  worked() { this.#lostCount = 0; }

  /** The wait after an ending, stretched by up to a half so that not all come back in one moment. */
  waitMs(kind) {
    const { firstMs, longestMs, fullMs, asksHumanMs, chance } = this.#options;
    const stretch = 1 + STRETCH * chance();
    if (kind === "full") return fullMs * stretch;
    if (kind !== "lost" && kind !== "too large") return asksHumanMs * stretch;
    const greatestMs = Math.max(firstMs, longestMs);
    const stepMs = Math.min(firstMs * 2 ** Math.min(this.#lostCount++, 30), greatestMs / (1 + STRETCH));
    return Math.min(stepMs * stretch, greatestMs);
  }
}

/** Why a connection has ended: a kind and a sentence. `last` is the last message of the server, or null. */
export function endingOf(closeCode, last) {
  if (closeCode === TURNED_AWAY) {
    if (last?.error) return { kind: "replaced", why: `${last.message}: is another agent running as this user?` };
    if (last?.reason === "REASON_BLOCKED_CLIENT") {
      return { kind: "blocked", why: `an administrator has blocked this client: ${ASK}` };
    }
    return { kind: "unknown", why: `no such client, or a wrong token or address: ${ASK}` };
  }
  if (closeCode === FULL) return { kind: "full", why: "the server is at full capacity" };
  if (closeCode === TOO_LARGE) return { kind: "too large", why: "the server takes no picture of this size" };
  return { kind: "lost", why: (last?.error && last.message) || `the connection was lost or could not be made (code ${closeCode})` };
}

/** Once when a violation begins, again after a minute while it lasts, never twice within five seconds. */
class Debounce {
  #doneMs = -Infinity;
  #isDone = false;

  isDue(nowMs, repeatAfterMs) {
    if (nowMs - this.#doneMs < (this.#isDone ? repeatAfterMs : 5000)) return false;
    this.#doneMs = nowMs;
    this.#isDone = true;
    return true;
  }

  ended() {
    this.#isDone = false;
  }
}

/** One user's agent. `start()` it, listen to its events, `stop()` it. */
export class Workstation extends EventTarget {
  state = "stopped";
  #options;
  #url;
  #backoff;
  #debounces = { lock: new Debounce(), signout: new Debounce() };
  #socket = null;
  #timer = null;
  #wake = null;
  #run = 0;

  constructor(options) {
    super();
    const defaults = { framesPerSecond: 1, answerTimeoutMs: 60_000, repeatAfterMs: 60_000 };
    this.#options = { ...defaults, WebSocket: globalThis.WebSocket, ...options };
    const { user, source, framesPerSecond } = this.#options;
    if (!user) throw new TypeError("the user's name is missing");
    if (!source) throw new TypeError("a source of pictures is missing");
    if (!(framesPerSecond > 0 && framesPerSecond <= 60)) throw new RangeError("framesPerSecond: above 0, to 60");
    if (!this.#options.WebSocket) throw new TypeError("no WebSocket here: Node.js 20 needs --experimental-websocket");
    this.#url = socketAddress(this.#options.server, this.#options.token);
    this.#backoff = options.backoff ?? new Backoff();
  }

  /** Opens the pictures, then connects; rejects where there are none. */
  async start() {
    if (this.state !== "stopped") return;
    const run = ++this.#run;
    this.#enter("connecting");
    try {
      await this.#options.source.open();
    } catch (error) {
      if (run === this.#run) this.stop(error.message);
      throw error;
    }
    if (run === this.#run) this.#connect(run);
    else if (this.state === "stopped") this.#options.source.close();
  }

  /** Says goodbye to the server and lets the camera go. */
  stop(why = "") {
    if (this.state === "stopped") return;
    this.#run++;
    clearTimeout(this.#timer);
    this.#wake?.(false);
    this.#socket?.close(1000);
    this.#socket = null;
    this.#options.source.close();
    this.#enter("stopped", why);
  }

  #connect(run) {
    this.#enter("connecting");
    // Whoever listens may have stopped it.
    if (run !== this.#run) return;
    const socket = new this.#options.WebSocket(this.#url);
    this.#socket = socket;
    let last = null;
    const isCurrent = () => run === this.#run && socket === this.#socket;
    socket.onopen = () => isCurrent() && this.#send(socket, isCurrent);
    socket.onmessage = (event) => {
      const said = read(event.data);
      if (!isCurrent() || said === null) return;
      last = said;
      if (said.error) return;
      this.#answered(said);
      this.#wake?.(true);
    };
    const over = (code) => {
      if (!isCurrent()) return;
      this.#wake?.(false);
      this.#ended(run, endingOf(code, last));
    };
    socket.onclose = (event) => over(event.code);
    // Node.js 20 tells of a connection that could not be made by this event alone.
    socket.onerror = () => setTimeout(over, 100, 1006);
  }

  async #send(socket, isCurrent) {
    const { source, user, framesPerSecond, answerTimeoutMs } = this.#options;
    try {
      while (isCurrent()) {
        const startedMs = Date.now();
        const image = await source.newest();
        if (!isCurrent()) return;
        if (image === null) return this.stop("the pictures are over");
        if (this.state === "connected") this.#enter("processing");
        socket.send(JSON.stringify({ user_name: user, image }));
        if (!(await this.#signal(answerTimeoutMs)) && isCurrent()) return this.#silent(socket);
        if (isCurrent()) await this.#signal(Math.max(0, startedMs + 1000 / framesPerSecond - Date.now()), true);
      }
    } catch (error) {
      if (!isCurrent()) return;
      this.#tell("failure", { message: error.message });
      this.stop(error.message);
    }
  }

  // True when something woke it; at the end of the time what `isPause` says.
  #signal(timeMs, isPause = false) {
    return new Promise((give) => {
      const finish = (value) => {
        clearTimeout(timer);
        this.#wake = null;
        give(value);
      };
      const timer = setTimeout(() => finish(isPause), timeMs);
      // What the server says in a pause is no answer to a picture.
      this.#wake = isPause ? (isHeard) => isHeard || finish(false) : finish;
    });
  }

  // Over a dead network a socket takes minutes to close.
  #silent(socket) {
    socket.onclose = null;
    socket.close();
    this.#ended(this.#run, { kind: "lost", why: `no answer within ${this.#options.answerTimeoutMs} ms` });
  }

  #answered(answer) {
    if (VERDICTS.includes(answer.action)) {
      this.#backoff.worked();
      const isPaused = answer.reason === "REASON_PAUSED_CLIENT";
      this.#enter(isPaused ? "paused" : "connected", isPaused ? "an administrator has paused this client" : "");
    } else if (this.state === "processing") {
      this.#enter("connected");
    }
    this.#tell("verdict", answer);
    if (answer.action === "NO_ACTION") for (const debounce of Object.values(this.#debounces)) debounce.ended();
    const hook = HOOKS[answer.action];
    if (hook && this.#debounces[hook].isDue(Date.now(), this.#options.repeatAfterMs)) this.#tell(hook, answer);
  }

  #ended(run, ending) {
    this.#socket = null;
    if (ending.kind === "replaced") {
      this.#enter("rejected", ending.why);
      return this.stop(ending.why);
    }
    let why = ending.why;
    if (ending.kind === "too large") {
      why += this.#options.source.makeSmaller() ? ": smaller ones follow" : ": show smaller ones";
    }
    const waitMs = this.#backoff.waitMs(ending.kind);
    const state = { blocked: "blocked", unknown: "rejected" }[ending.kind] ?? "connecting";
    this.#enter(state, why, waitMs);
    if (run === this.#run) this.#timer = setTimeout(() => run === this.#run && this.#connect(run), waitMs);
  }

  #enter(state, why = "", retryInMs = null) {
    if (state === this.state && !why && retryInMs === null) return;
    this.state = state;
    this.#tell("state", { state, why, retryInMs });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function socketAddress(server, token) {
  const url = new URL(server);
  if (url.protocol !== "ws:" && url.protocol !== "wss:") throw new TypeError("the server is given as ws://host:8000/ws");
  if (url.pathname === "/") url.pathname = "/ws";
  url.hash = "";
  if (token) url.searchParams.set("token", token);
  return url.href;
}

function read(data) {
  try {
    const said = JSON.parse(data);
    return typeof said === "object" && (typeof said?.error === "string" || typeof said?.action === "string") ? said : null;
  } catch {
    return null;
  }
}
