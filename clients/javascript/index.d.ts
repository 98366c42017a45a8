/** Where the agent is, as the contract's diagram names it; `stopped` is before the start and after the end. */
export type State = "connecting" | "connected" | "processing" | "paused" | "blocked" | "rejected" | "stopped";

export type Action = "NO_ACTION" | "ACTION_LOCK_SCREEN" | "ACTION_SIGN_OUT" | "ACTION_WARNING" | "ACTION_ERROR";

export type Reason =
  | "EMPTY_REASON"
  | "REASON_NO_FACE"
  | "REASON_SPOOF_IMAGE"
  | "REASON_WRONG_USER"
  | "REASON_PHONE_DETECTION"
  | "REASON_PAUSED_CLIENT"
  | "REASON_BLOCKED_CLIENT"
  | "REASON_CLIENT_NOT_AVAILABLE"
  | "INVALID_IMAGE_FORMAT"
  | "PROCESSING_TIMEOUT";

/** What the server says, as it says it. */
export interface Answer {
  action: Action;
  reason: Reason;
  /** Whom the server saw: the user, another person's id, `unknown`. Not there where it did not look. */
  actual_username?: string;
  /** `HH:MM:SS` */
  send_time?: string;
  /** `HH:MM:SS` */
  finish_time?: string;
  /** A sentence, where one picture could not be used. */
  message?: string;
}

export interface StateChange {
  state: State;
  /** A sentence for a human; often empty. */
  why: string;
  /** When it connects again; null while it is connected or at work on it, and at the end. */
  retryInMs: number | null;
}

export type EndKind = "lost" | "full" | "too large" | "unknown" | "blocked" | "replaced";

export interface Ending {
  kind: EndKind;
  why: string;
}

/** Gives one picture whenever the agent can send one. */
export interface Source {
  open(): Promise<void>;
  /** Base64 of an encoded picture; null when there are no more. */
  newest(): Promise<string | null>;
  /** The server found a picture too large; false where smaller ones cannot be had. */
  makeSmaller(): boolean;
  close(): void;
}

export interface CameraOptions {
  /** Shows what the camera sees; without one the picture is not shown. */
  video?: HTMLVideoElement | null;
  /** 800 by default; never enlarged. */
  longestSidePx?: number;
  /** 0 to 1, 0.85 by default. */
  quality?: number;
  /** More for `getUserMedia`, such as `{ deviceId }`. */
  constraints?: MediaTrackConstraints;
}

/** A browser's camera. The page has to come over https or from localhost. */
export class CameraSource implements Source {
  constructor(options?: CameraOptions);
  open(): Promise<void>;
  newest(): Promise<string | null>;
  makeSmaller(): boolean;
  close(): void;
}

/** Node.js: a folder of pictures in the order of their names, in a loop unless told otherwise. */
export class PictureSource implements Source {
  constructor(folder: string, options?: { loop?: boolean });
  open(): Promise<void>;
  newest(): Promise<string | null>;
  makeSmaller(): boolean;
  close(): void;
}

export interface BackoffOptions {
  firstMs?: number;
  longestMs?: number;
  fullMs?: number;
  asksHumanMs?: number;
  /** 0 to 1, `Math.random` by default. */
  chance?: () => number;
}

export class Backoff {
  constructor(options?: BackoffOptions);
  worked(): void;
  waitMs(kind: EndKind): number;
}

export function endingOf(closeCode: number, last: { error?: string; message?: string; reason?: string } | null): Ending;

export interface WorkstationOptions {
  /** `ws://` or `wss://`; the path is `/ws` where none is given. */
  server: string;
  user: string;
  source: Source;
  /** The client's own token. It travels in the address, since browsers set no headers on a WebSocket. */
  token?: string;
  /** At most, 1 by default: one picture is in flight at a time. */
  framesPerSecond?: number;
  /** No answer for so long counts as a lost connection; 60,000 by default. */
  answerTimeoutMs?: number;
  /** "lock" and "signout" come again after so long while the violation lasts; 60,000 by default. */
  repeatAfterMs?: number;
  backoff?: Backoff;
  /** Another implementation than the global one. */
  WebSocket?: typeof WebSocket;
}

export interface WorkstationEvents {
  /** Every answer. */
  verdict: CustomEvent<Answer>;
  /** Once when a violation begins that locks, then every `repeatAfterMs`. */
  lock: CustomEvent<Answer>;
  /** The same for one that signs out. */
  signout: CustomEvent<Answer>;
  state: CustomEvent<StateChange>;
  /** The pictures broke off; the agent has stopped. */
  failure: CustomEvent<{ message: string }>;
}

/** One user's agent. It is an `EventTarget`; declared by itself so that a misspelt event is an error. */
export class Workstation {
  constructor(options: WorkstationOptions);
  readonly state: State;
  /** Opens the pictures, then connects; rejects where there are none. */
  start(): Promise<void>;
  /** Says goodbye to the server and lets the camera go. */
  stop(why?: string): void;
  addEventListener<Name extends keyof WorkstationEvents>(
    type: Name,
    listener: (event: WorkstationEvents[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof WorkstationEvents>(
    type: Name,
    listener: (event: WorkstationEvents[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  dispatchEvent(event: Event): boolean;
}
