import type { Metadata } from "next";
import Link from "next/link";
import { MOVING_GUIDES } from "#lib/guides/moving/guides";
import { DocsArticle, Prose } from "../prose";

export const metadata: Metadata = { title: "Moving in" };

/** Where people come from. */
export default function MovingPage() {
  return (
    <DocsArticle title="Moving in from another gateway">
      <p className="text-ink-2 text-sm">
        Clients keep their keys and change their base URL. Each page says what something is called here, how
        keys, users and budgets move, and what stays behind.
      </p>
      <ul className="flex flex-col gap-4">
        {MOVING_GUIDES.map(({ id, title, summary }) => (
          <li key={id} className="flex flex-col gap-1">
            <Link
              className="font-medium text-accent text-sm hover:text-accent-hover"
              href={`/docs/moving/${id}`}
            >
              {title}
            </Link>
            <span className="text-ink-2 text-sm">
              <Prose>{summary}</Prose>
            </span>
          </li>
        ))}
      </ul>
    </DocsArticle>
  );
}
