import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./lib/db/schema/!(*.test).ts",
  out: "./drizzle",
  casing: "snake_case",
});
