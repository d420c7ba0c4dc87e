import { withScratchDatabases } from "./scratch-databases";
import { writeSchema } from "./write-schema";

// `npm run db:schema`: writes drizzle/schema.sql after a migration was edited by hand.
void withScratchDatabases(async (create) => writeSchema(await create()));
