import { ApiError } from "#lib/http/api-error";

export type BodyLimits = {
  /** For all requests in flight of one caller. */
  callerBytes: number;
  /** For all requests in flight of this process. */
  processBytes: number;
};

/** Counts the bodies of the requests in flight, as they arrive, so that no client can fill the memory with them. */
export type BodyBytes = {
  /** Begins to count one request. @param caller the id of its key or app */
  open: (caller: string) => BodyCount;
  /** What is counted now. */
  total: () => number;
};

export type BodyCount = {
  /**
   * @throws ApiError concurrency_limit_exceeded or service_unavailable for bytes beyond a limit: the whole request is
   * uncounted then, so that the others may go on
   */
  add: (bytes: number) => void;
  /** Adds bytes that the request can do without, such as those of a copy; false if there is no room for them. */
  addIfFits: (bytes: number) => boolean;
  /** The request has ended. Repeating it does nothing. */
  release: () => void;
};

/** Creates the counts of a process. */
export function bodyBytes({ callerBytes, processBytes }: BodyLimits): BodyBytes {
  const byCaller = new Map<string, number>();
  let total = 0;
  return {
    open: (caller) => {
      let own = 0;
      const release = () => {
        if (own === 0) return;
        const ofCaller = (byCaller.get(caller) ?? 0) - own;
        if (ofCaller > 0) byCaller.set(caller, ofCaller);
        else byCaller.delete(caller);
        total -= own;
        own = 0;
      };
      const excess = (bytes: number): ApiError | null => {
        if ((byCaller.get(caller) ?? 0) + bytes > callerBytes) return tooMuchOfCaller();
        return total + bytes > processBytes ? tooMuch() : null;
      };
      const count = (bytes: number) => {
        byCaller.set(caller, (byCaller.get(caller) ?? 0) + bytes);
        total += bytes;
        own += bytes;
      };
      return {
        add: (bytes) => {
          const error = excess(bytes);
          if (error !== null) {
            release();
            throw error;
          }
          count(bytes);
        },
        addIfFits: (bytes) => {
          const fits = excess(bytes) === null;
          if (fits) count(bytes);
          return fits;
        },
        release,
      };
    },
    total: () => total,
  };
}

/** Waiting helps once a request in flight ends, at an unknown time. */
const RETRY_AFTER = { "retry-after": "1" };

const tooMuchOfCaller = () =>
  new ApiError(
    "concurrency_limit_exceeded",
    "The request bodies that are in flight with this key are too large together. Try again when another request has ended.",
    { headers: RETRY_AFTER },
  );

const tooMuch = () =>
  new ApiError("service_unavailable", "Too many large requests are in flight. Try again.", {
    headers: RETRY_AFTER,
  });
