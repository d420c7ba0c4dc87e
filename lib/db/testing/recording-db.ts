import { drizzle } from "drizzle-orm/postgres-js";
import type { Db } from "#lib/db/client";

/** A client that notes the text of each statement, without its parameters, in the order of sending. */
export function recordingDb({ $client }: Db): { db: Db; take: () => string[] } {
  let statements: string[] = [];
  const logQuery = (query: string) => {
    statements.push(query.replace(/\s+/g, " "));
  };
  return {
    db: drizzle($client, { casing: "snake_case", logger: { logQuery } }),
    take: () => {
      const taken = statements;
      statements = [];
      return taken;
    },
  };
}
