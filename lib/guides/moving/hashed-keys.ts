import { CSV_NOTE, compare, linesOf, type MovingGuide, SIGN_IN } from "./guide";

export const hashedKeysGuide: MovingGuide = {
  id: "hashed-keys",
  title: "A gateway with hashed keys, metadata and catalogues",
  summary:
    "Keys are stored as SHA-256 digests with metadata such as a team, and a catalogue says which models each may use.",
  terms: [
    {
      theirs: "hash of a key",
      ours: "`key_sha256` of a new key: the digest too is stored only under this gateway's keyed hash",
    },
    {
      theirs: "metadata of a key",
      ours: "`metadata`, on organizations, users, keys and apps; reports by `metadata:team`",
    },
    { theirs: "catalogue, model group", ours: "`allowed_models` of a key, user, app or organization" },
    { theirs: "price list", ours: "the built-in catalogue, `POST /prices/import`, or the price of a model" },
    { theirs: "workspace", ours: "organization" },
  ],
  steps: [
    SIGN_IN,
    {
      title: "Import the digests",
      text: `From a list with a line \`name,digest,team\` for each. Clients keep their keys; only digests move. A digest that is in use already is answered with 409. ${CSV_NOTE}`,
      code: `npx tollgate org create Acme
${linesOf("keys.csv")} | while IFS=, read -r name digest team || [ -n "$name" ]; do
  npx tollgate key create "$name" --org Acme --metadata "team=$team" --sha256 "$digest"
done`,
    },
    {
      title: "Find keys and sum by metadata",
      text: "A request's row keeps the metadata that held at its time: a key's pairs take precedence over its user's, and those over its organization's.",
      code: `npx tollgate key list --metadata team=search
npx tollgate usage --by metadata:team`,
    },
    {
      title: "Bound the models",
      text: "A model must be in each list that is set: of the key, its user and its organization.",
      code: `npx tollgate org update Acme --model gpt-5-mini --model claude-haiku-4-5`,
    },
    compare("metadata:team"),
  ],
  left: [
    {
      what: "Digests with a salt, or of another kind (bcrypt, argon2)",
      why: "The gateway would have to try each of them for each request. Create new keys.",
    },
    {
      what: "Metadata that are no texts, or longer than 500 characters",
      why: "The answer names the pair. Write numbers as texts; keep documents elsewhere, and their id here.",
    },
  ],
};
