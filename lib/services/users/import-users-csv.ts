import { z } from "zod";
import { verb } from "#lib/services/verb";
import { importUsers } from "./import-users";
import { MOST_CSV_CHARACTERS } from "./most-csv-characters";
import { usersOfCsv } from "./users-of-csv";

/**
 * `importUsers` for the portal: from CSV, and only if no row is wrong.
 * @throws ServiceError as `usersOfCsv` and `importUsers`
 */
export const importUsersCsv = verb({
  role: importUsers.role,
  input: z.strictObject({
    users: z
      .string()
      .min(1, "Choose a file, or paste its text.")
      .max(
        MOST_CSV_CHARACTERS,
        `At most ${MOST_CSV_CHARACTERS} characters at once: split the file, or use the API.`,
      ),
    organization_id: z.uuid("Choose an organization.").optional(),
    dry_run: z.boolean(),
  }),
  output: importUsers.output,
  run: async (ctx, { users, ...options }) =>
    importUsers(ctx, { ...usersOfCsv(users), ...options, all_or_none: true }),
});
