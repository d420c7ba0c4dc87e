import { CSV_NOTE, compare, linesOf, type MovingGuide, SIGN_IN } from "./guide";

export const consumersGuide: MovingGuide = {
  id: "prepaid-consumers",
  title: "A gateway with consumers and prepaid credits",
  summary:
    "Consumers authenticate with a key in the header `apikey`, and have a balance or a quota that is topped up.",
  terms: [
    {
      theirs: "consumer",
      ours: "user with an API key, or an organization if several people share the balance",
    },
    { theirs: "credential in `apikey`", ours: "API key; the same header works" },
    { theirs: "credit, balance", ours: "budget with the period `total`; what is left is `remaining_usd`" },
    { theirs: "quota of a day or month", ours: "budget with the period `day` or `month`" },
    {
      theirs: "top-up, refund",
      ours: "`npx tollgate user credit USER USD`, or “Add credit” and “Refund” on the user's page: an adjustment, of which the ledger keeps the reason",
    },
    { theirs: "consumer tag or label", ours: "`metadata` and `tags`" },
  ],
  steps: [
    SIGN_IN,
    {
      title: "Create the consumers with their balances and keys",
      text: `From a list with a line \`name,balance,key\` for each. Keys that clients have are kept; only administrators may import them. ${CSV_NOTE} A line that cannot be moved is an error that says why, and the next one goes on.`,
      code: `npx tollgate org create Acme
${linesOf("consumers.csv")} | while IFS=, read -r name balance key || [ -n "$name" ]; do
  npx tollgate user create "$name@consumers.example" --org Acme --name "$name" --budget "$balance" --period total
  npx tollgate key create "$name" --user "$name@consumers.example" --data "{\\"key\\": \\"$key\\"}"
done`,
    },
    {
      title: "Top up",
      text: "The answer has the new balance. By the Admin API, it is `POST /adjustments` with an amount below zero.",
      code: `npx tollgate user credit ada@consumers.example 20 --reason "invoice 4711"
npx tollgate user usage ada@consumers.example`,
    },
    compare("user"),
  ],
  left: [
    {
      what: "What was spent before the move",
      why: "Import the balance that is left, as above: the old ledger stays where it is.",
    },
    {
      what: "Keys that were stored as hashes other than SHA-256",
      why: "A key cannot be found by such a hash. Create new ones, or import those that clients can show.",
    },
  ],
};
