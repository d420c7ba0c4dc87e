import { permanentRedirect } from "next/navigation";

/** Where the sessions of a person were before the account had a page. */
export default function SessionsPage() {
  permanentRedirect("/account");
}
