import { useEffect, useState, type RefObject } from 'react';

/** The part of a scrolling element that is seen, in pixels. */
export interface Viewport {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Positions are told in steps of so many pixels: within one, nothing is drawn anew. */
const STEP = 120;
const toStep = (value: number): number => Math.floor(value / STEP) * STEP;

/** Follows what is seen of an element. */
export function useViewport(element: RefObject<HTMLElement | null>): Viewport {
  const [viewport, setViewport] = useState<Viewport>({ left: 0, top: 0, width: 1200, height: 800 });
  useEffect(() => {
    const scroller = element.current;
    if (scroller === null) return;
    let frame = 0;
    const read = (): void => {
      frame = 0;
      const next = {
        left: toStep(scroller.scrollLeft),
        top: toStep(scroller.scrollTop),
        width: scroller.clientWidth,
        height: scroller.clientHeight,
      };
      setViewport((old) =>
        old.left === next.left &&
        old.top === next.top &&
        old.width === next.width &&
        old.height === next.height
          ? old
          : next,
      );
    };
    const later = (): void => {
      if (frame === 0) frame = requestAnimationFrame(read);
    };
    read();
    scroller.addEventListener('scroll', later, { passive: true });
    const observer = new ResizeObserver(later);
    observer.observe(scroller);
    return () => {
      cancelAnimationFrame(frame);
      scroller.removeEventListener('scroll', later);
      observer.disconnect();
    };
  }, [element]);
  return viewport;
}
