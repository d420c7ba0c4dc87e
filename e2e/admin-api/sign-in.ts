import { z } from "zod";

/** Signs in like the sign-in page and returns the session cookies. */
export async function signInOverHttp(url: string, email: string, password: string): Promise<string> {
  const begun = await fetch(`${url}/api/auth/csrf`);
  const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await begun.json());
  const cookies = cookiesOf(begun);
  const signedIn = await fetch(`${url}/api/auth/callback/credentials`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: cookieHeader(cookies), "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfToken, email, password, json: "true" }),
  });
  await signedIn.arrayBuffer();
  const all = new Map([...cookies, ...cookiesOf(signedIn)]);
  if (![...all.keys()].some((name) => name.endsWith("session-token"))) {
    throw new Error(`${email} could not sign in: ${signedIn.status}`);
  }
  return cookieHeader(all);
}

const cookiesOf = (answer: Response): Map<string, string> =>
  new Map(
    answer.headers.getSetCookie().map((cookie) => {
      const [pair = ""] = cookie.split(";");
      return [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
    }),
  );

const cookieHeader = (cookies: ReadonlyMap<string, string>): string =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
