/** A session: which token a call carries, and when it is renewed.
 *
 * A refresh token is good for one use; used twice it looks stolen, and the desk ends the session.
 * The desk takes equal requests within ten seconds for one. So a refresh whose answer was lost is
 * asked for again within `AGAIN_MS` of the first time, and never after that. */
import { DeskError } from "./errors.js";
import type { components } from "./schema.js";

const EARLY_MS = 30_000;
const AGAIN_MS = 5_000;
/** How long one request for the next tokens may take: a second must fit into `AGAIN_MS`. */
export const REFRESH_MS_MAX = 2_500;
const PAUSE_MS = 1_000;

export interface SignIn {
  username: string;
  password: string;
}

/** What a program keeps to go on with its session later. `expiresAt` is by its own clock. */
export interface SessionTokens {
  accessToken: string;
  expiresAt: number;
  refreshToken: string | null;
}

/** Gives the token of a call, such as an API key; asked again with the one that was refused. */
export type TokenProvider = (refused: string | null) => string | Promise<string>;

export interface SessionOptions {
  /** Who signs in; done again when a session has ended. */
  signIn?: SignIn;
  /** An access token, an API key or what gives one, instead. */
  token?: string | TokenProvider;
  /** The session of an earlier run. */
  session?: SessionTokens;
  /** Told each new pair of tokens before one is used, and null when they are worth nothing. */
  onSession?: (tokens: SessionTokens | null) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface Granted {
  data: components["schemas"]["Session"];
  meta: { timestamp: string };
}

type Ask = (path: string, body: object, timeoutMs: number) => Promise<Granted>;

export class Session {
  #tokens: SessionTokens | null;
  #signIn: SignIn | null;
  readonly #provider: TokenProvider | null;
  readonly #onSession: (tokens: SessionTokens | null) => void;
  readonly #now: () => number;
  readonly #ask: Ask;
  #earlyMs = EARLY_MS;
  #renewing: Promise<string> | undefined;
  #refreshSentAt: number | null = null;
  #pauseUntil = 0;

  constructor(options: SessionOptions, ask: Ask) {
    const { token } = options;
    this.#provider = typeof token === "function" ? token : null;
    this.#tokens =
      typeof token === "string"
        ? { accessToken: token, expiresAt: Infinity, refreshToken: null }
        : (options.session ?? null);
    this.#signIn = options.signIn ?? null;
    this.#onSession = options.onSession ?? (() => undefined);
    this.#now = options.now ?? Date.now;
    this.#ask = ask;
  }

  /** Whether a refused token can be replaced. */
  get renewable(): boolean {
    return this.#provider !== null || this.#replaceable;
  }

  /** Whether there is a session that could be ended. */
  get begun(): boolean {
    return this.#replaceable;
  }

  /** The token to call with; undefined where nobody signs in. Calls that find none together, or a
   * stale one, wait for the same answer. An error says that the call itself was not sent. */
  async token(refused: string | null): Promise<string | undefined> {
    if (this.#provider !== null) return this.#provider(refused);
    const tokens = this.#tokens;
    if (tokens === null && this.#signIn === null) return undefined;
    if (tokens !== null && this.#usable(refused)) {
      const now = this.#now();
      const fresh = now < tokens.expiresAt - this.#earlyMs;
      if (fresh || now < this.#pauseUntil || !this.#mayRefresh()) return tokens.accessToken;
    }
    this.#renewing ??= this.#renew(refused).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  begin(signIn: SignIn): void {
    this.#set(null);
    this.#signIn = signIn;
  }

  use(tokens: SessionTokens): void {
    this.#earlyMs = EARLY_MS;
    this.#set(tokens);
  }

  forget(): void {
    this.#signIn = null;
    this.#set(null);
  }

  async #renew(refused: string | null): Promise<string> {
    if (this.#mayRefresh()) {
      const token = await this.#refresh(refused);
      if (token !== null) return token;
    }
    if (this.#signIn !== null) {
      return this.#take(await this.#ask("/v1/identity/sessions", this.#signIn, 30_000));
    }
    throw new DeskError("unauthenticated", "the session is over", "Sign in again.");
  }

  /** Null: there may be another way. */
  async #refresh(refused: string | null): Promise<string | null> {
    const tokens = this.#tokens as SessionTokens;
    const sentBefore = this.#refreshSentAt !== null;
    this.#refreshSentAt ??= this.#now();
    const body = { refresh_token: tokens.refreshToken };
    try {
      return this.#take(await this.#ask("/v1/identity/sessions/refresh", body, REFRESH_MS_MAX));
    } catch (error) {
      if (!(error instanceof DeskError) || this.#tokens !== tokens) throw error;
      if (!sentBefore && error.code === "rate_limited") this.#refreshSentAt = null;
      const usable = this.#usable(refused) && this.#now() < tokens.expiresAt;
      if (!error.retryable) {
        this.#set(usable ? { ...tokens, refreshToken: null } : null);
        if (!usable && this.#signIn === null) throw error;
      } else if (usable) {
        this.#pauseUntil = this.#now() + PAUSE_MS;
      } else {
        throw error;
      }
      return usable ? tokens.accessToken : null;
    }
  }

  #take({ data, meta }: Granted): string {
    // By the desk's own clock, which need not agree with ours.
    const lifetime = Date.parse(data.expires_at) - Date.parse(meta.timestamp);
    this.#earlyMs = Math.min(EARLY_MS, lifetime / 5);
    this.#set({
      accessToken: data.access_token,
      expiresAt: this.#now() + lifetime,
      refreshToken: data.refresh_token ?? null,
    });
    return data.access_token;
  }

  #set(tokens: SessionTokens | null): void {
    this.#refreshSentAt = null;
    this.#pauseUntil = 0;
    if (tokens === this.#tokens) return;
    this.#tokens = tokens;
    this.#onSession(tokens);
  }

  get #replaceable(): boolean {
    return (this.#tokens?.refreshToken ?? null) !== null || this.#signIn !== null;
  }

  #usable(refused: string | null): boolean {
    const tokens = this.#tokens;
    if (tokens === null || tokens.accessToken === refused) return false;
    // One that cannot be renewed in any way is sent as long as the desk takes it.
    return this.#now() < tokens.expiresAt || !this.#replaceable;
  }

  #mayRefresh(): boolean {
    if ((this.#tokens?.refreshToken ?? null) === null) return false;
    const sent = this.#refreshSentAt;
    return sent === null || this.#now() < sent + AGAIN_MS;
  }
}
