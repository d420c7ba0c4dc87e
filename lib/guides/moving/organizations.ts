import { CSV_NOTE, compare, linesOf, type MovingGuide, SIGN_IN } from "./guide";

export const organizationsGuide: MovingGuide = {
  id: "external-ids",
  title: "A gateway with organizations, external ids and payment dates",
  summary:
    "Users are known by the id of another system, and may send requests while their payment is valid. An internal service sends on their behalf.",
  terms: [
    { theirs: "organization", ours: "organization; names need not be unique" },
    { theirs: "external user id, `oid`", ours: "`external_id` of a user, unique in the organization" },
    {
      theirs: "payment valid until",
      ours: "`payment_valid_until`, the last valid day in UTC; then 403 `payment_expired`",
    },
    {
      theirs: "sync of expiry",
      ours: "`POST /users/sync-expiry`, the cron route `/api/cron/expiry-sync`, `npx tollgate user sync-expiry`",
    },
    {
      theirs: "internal service with a shared secret",
      ours: "app: `x-gateway-secret`, `x-app-id` and `x-user-oid`",
    },
    {
      theirs: "monthly limit of an organization",
      ours: "budget of the organization: `npx tollgate org create Acme --budget 1000 --period month`",
    },
  ],
  steps: [
    SIGN_IN,
    {
      title: "Create the users with their dates",
      text: `From a CSV with the columns \`email,external_id,payment_valid_until\`; an empty e-mail address or date is left out. ${CSV_NOTE}`,
      code: `npx tollgate org create Acme --budget 1000 --period month
${linesOf("users.csv", 2)} | while IFS=, read -r email external_id valid_until || [ -n "$email$external_id" ]; do
  npx tollgate user create \${email:+"$email"} --org Acme --external-id "$external_id" \${valid_until:+--payment-valid-until "$valid_until"}
done`,
    },
    {
      title: "Create the internal service",
      text: "Its secret is in the answer, this once. It names the user of each request in `x-user-oid`.",
      code: `npx tollgate app create --name Backoffice --org Acme --external-id backoffice`,
    },
    {
      title: "Extend a payment",
      text: "Works from the next request on.",
      code: `npx tollgate user update ada@acme.example --payment-valid-until 2027-01-31
npx tollgate user sync-expiry ada@acme.example`,
    },
    compare("user"),
  ],
  left: [
    {
      what: "Passwords",
      why: "They are hashed in another way. Invite people (`npx tollgate user invite EMAIL`), or set up single sign-on.",
    },
    {
      what: "Users with a date that is no day, such as 2026-02-30",
      why: "The command says so and goes on with the next line.",
    },
  ],
};
