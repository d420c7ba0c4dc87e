import postgres from "postgres";

const UNIQUE_VIOLATION = "23505";

/**
 * The name of the unique constraint or index that a failed query has hit, also below Drizzle's wrapping;
 * undefined for every other failure.
 */
export function violatedUnique(error: unknown): string | undefined {
  if (error instanceof postgres.PostgresError) {
    return error.code === UNIQUE_VIOLATION ? error.constraint_name : undefined;
  }
  return error instanceof Error && error.cause !== undefined ? violatedUnique(error.cause) : undefined;
}
