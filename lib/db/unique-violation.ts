import postgres from "postgres";

const UNIQUE_VIOLATION = "23505";

/**
 * Returns the name of the unique constraint or index that a failed query violated, also below Drizzle's wrapper;
 * undefined for other failures.
 */
export function violatedUnique(error: unknown): string | undefined {
  if (error instanceof postgres.PostgresError) {
    return error.code === UNIQUE_VIOLATION ? error.constraint_name : undefined;
  }
  return error instanceof Error && error.cause !== undefined ? violatedUnique(error.cause) : undefined;
}
