import type { ReactNode } from "react";

/** A text of a guide, in which backquotes mark code. */
export const Prose = ({ children }: { children: string }): ReactNode =>
  children.split("`").map((part, place) =>
    place % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never move
      <code key={place} className="break-words rounded-xs bg-sunken px-1 py-px font-mono text-xs">
        {part}
      </code>
    ),
  );

/** A page of the documentation. */
export const DocsArticle = ({ title, children }: { title: string; children: ReactNode }) => (
  <main className="mx-auto flex w-full max-w-4xl flex-col gap-8 px-5 py-8">
    <h1 className="font-semibold text-lg">{title}</h1>
    {children}
  </main>
);

/** A part of a page, with its heading. */
export const DocsSection = ({ id, title, children }: { id: string; title: string; children: ReactNode }) => (
  <section aria-labelledby={id} className="flex min-w-0 flex-col gap-3">
    <h2 id={id} className="font-semibold text-base">
      {title}
    </h2>
    {children}
  </section>
);
