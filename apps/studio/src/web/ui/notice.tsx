import type { ReactNode } from 'react';

/** Says why there is nothing to see here, and what would change that. */
export const Notice = ({
  title,
  heading: Heading = 'h2',
  children,
}: {
  readonly title: string;
  /** `h1` where the page has nothing else to be called by. */
  readonly heading?: 'h1' | 'h2';
  readonly children?: ReactNode;
}) => (
  <div className="notice" role="status">
    <Heading>{title}</Heading>
    {children}
  </div>
);
