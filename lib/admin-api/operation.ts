import { z } from "zod";
import type { Role } from "#lib/auth/actor";
import { parseInput } from "#lib/http/parse-input";
import type { MemberLimits } from "#lib/http/parse-members";
import type { ServiceContext } from "#lib/services/context";
import type { CsvFile, CsvParts } from "#lib/services/csv";
import type { Verb } from "#lib/services/verb";

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** What a person reads about an operation. Everything else derives from its verb. */
type Texts = {
  /** A few words, in the imperative: "Create a user". */
  summary: string;
  description?: string;
  tag: string;
};

/** A body of more than a mebibyte, which is parsed in steps. The operation takes no `Idempotency-Key`. */
export type LargeBody = MemberLimits & { bytes: number };

/** What bodies an operation takes besides small ones of JSON. */
type Bodies = {
  largeBody?: LargeBody;
  /** Takes a body of CSV, too, by what makes fields of it. */
  csvBody?: (text: string) => Record<string, unknown>;
  /** The fields of the body that the query may say, too. */
  queryFields?: readonly string[];
};

type Options = Texts &
  Bodies & {
    /** Takes an `Idempotency-Key`. Every create does; set it for others whose answer has a new secret. */
    idempotent?: boolean;
    /** Serves `format=csv`: a verb with the same query that returns the whole file, or makes it as it is read. */
    csv?: Verb<ServiceContext, z.ZodObject, typeof CsvFile | typeof CsvParts>;
  };

/** One operation of the Admin API: the dispatcher serves it and the OpenAPI document describes it. */
export type Operation = Texts &
  Bodies & {
    method: Method;
    /** Below /api/admin/v1, in OpenAPI's form: `/users/{id}`. */
    path: string;
    /** Judged before the body is read. */
    role: Role;
    /** What the path, the query (GET) and the JSON body (others) say, in one object. */
    input: z.ZodType;
    /** Absent where the status is 204. */
    output?: z.ZodType;
    /** 201 with what was created, 200 with an answer, 204 with nothing. */
    status: 200 | 201 | 204;
    /** Media types besides JSON. */
    otherMediaTypes?: readonly string[];
    idempotent: boolean;
    deprecated?: boolean;
    run(ctx: ServiceContext, input: Readonly<Record<string, unknown>>): Promise<unknown>;
  };

/**
 * Declares an operation by its verb, whose input has the names in the path. The status derives from the
 * method: 201 for a POST to a collection, 204 for a DELETE, else 200.
 */
export function operation<Input extends z.ZodType, Output extends z.ZodType>(
  route: `${Method} /${string}`,
  verb: Verb<ServiceContext, Input, Output>,
  options: Options,
): Operation {
  const { method, path } = parseRoute(route);
  const status = statusOf(method, path);
  const { csv, idempotent = status === 201, ...texts } = options;
  if (idempotent && texts.largeBody) throw new Error(`${route}: a large body has no fingerprint`);
  const declared = { ...texts, method, path, status, idempotent, role: verb.role };
  if (csv !== undefined) return { ...declared, ...withCsv(verb, csv) };
  return {
    ...declared,
    input: verb.input,
    ...(status === 204 ? {} : { output: verb.output }),
    run: verb.handle,
  };
}

/** The same operation under an older path, which the document marks as deprecated. */
export const deprecatedAlias = (
  operation: Operation,
  { path, summary }: { path: string; summary: string },
): Operation => ({
  ...operation,
  path,
  summary,
  description: `The same as \`${operation.method} ${operation.path}\`, which replaces it.`,
  deprecated: true,
});

function parseRoute(route: `${Method} /${string}`): { method: Method; path: string } {
  const [method, path = ""] = route.split(" ");
  if (method !== "GET" && method !== "POST" && method !== "PATCH" && method !== "DELETE") {
    throw new Error(`${route}: unknown method`);
  }
  return { method, path };
}

function statusOf(method: Method, path: string): 200 | 201 | 204 {
  if (method === "DELETE") return 204;
  const isCollection = /^\/[a-z-]+$/.test(path);
  return method === "POST" && isCollection ? 201 : 200;
}

const Format = z.object({
  format: z.enum(["json", "csv"]).default("json").describe("`csv` answers text/csv, as a download."),
});

function withCsv<Output extends z.ZodType>(
  verb: Verb<ServiceContext, z.ZodType, Output>,
  csv: Verb<ServiceContext, z.ZodObject, typeof CsvFile | typeof CsvParts>,
) {
  return {
    input: csv.input.extend(Format.shape),
    output: verb.output,
    otherMediaTypes: ["text/csv"],
    run: async (ctx: ServiceContext, { format: asked, ...query }: Readonly<Record<string, unknown>>) => {
      const { format } = parseInput(Format, { format: asked });
      if (format === "json") return verb.handle(ctx, query);
      const file = await csv.handle(ctx, query);
      return new Response("text" in file ? file.text : streamOf(file.parts), {
        headers: {
          "content-type": "text/csv; charset=utf-8",
          "content-disposition": `attachment; filename="${file.fileName}"`,
        },
      });
    },
  };
}

/** Asks for a part when the client has taken the one before, and for none after it has gone. */
function streamOf(parts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const iterator = parts[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
