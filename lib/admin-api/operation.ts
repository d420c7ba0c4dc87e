import type { z } from "zod";
import { parseInput } from "#lib/http/parse-input";
import type { ServiceContext } from "#lib/services/context";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/**
 * One thing the Admin API does: what the dispatcher serves and, from the same schemas, what the OpenAPI
 * document describes. `input` is the verb's own schema: what the path, the query (GET) or the JSON body
 * (else) says, in one object, whose path parameters bear the names in `path` (`/users/{id}`).
 */
export type Operation = {
  method: Method;
  /** Below /api/admin/v1, in OpenAPI's form. */
  path: string;
  /** A few words, in the imperative: "Create a user". */
  summary: string;
  description?: string;
  tag: string;
  /** 201 with the new thing, 200 with an answer, 204 with nothing. */
  status: 200 | 201 | 204;
  /** Without transforms, since the verb checks by itself too; defaults and coercion are fine. */
  input: z.ZodType;
  /** Absent where the status is 204. */
  output?: z.ZodType;
  /** What it answers besides JSON, when asked to: "text/csv". */
  otherMediaTypes?: readonly string[];
  /** Creates take an `Idempotency-Key`. */
  idempotent?: boolean;
  /** Of the body; 1 MiB unless given. */
  maxBodyBytes?: number;
  run(ctx: ServiceContext, input: unknown, request: Request): Promise<unknown>;
};

/** What `operation` is given: `run` answers what `output` says, or, for another format, a whole `Response`. */
type Declared<Input extends z.ZodType, Output extends z.ZodType> = Omit<
  Operation,
  "input" | "output" | "run"
> & {
  input: Input;
  output?: Output;
  run: (
    ctx: ServiceContext,
    input: z.output<Input>,
    request: Request,
  ) => Promise<z.output<Output> | Response>;
};

/** Declares an operation. A verb that answers a `Response` (a CSV) answers the request with it. */
export function operation<Input extends z.ZodType, Output extends z.ZodType = z.ZodUnknown>(
  declared: Declared<Input, Output>,
): Operation {
  return {
    ...declared,
    run: (ctx, input, request) => declared.run(ctx, parseInput(declared.input, input), request),
  };
}
