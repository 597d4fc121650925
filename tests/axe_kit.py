"""axe-core in an open page: what counts of it, and no text measured twice that is painted alike.

Two thirds of axe's time go into the contrast of texts. What decides on it are the looks of the text and of what lies behind it,
and these are the same in every header, menu and table: so a look that was found right once is not measured again in this run.
A look that was found wrong, or that axe could not decide on, is measured each time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python

SOURCE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
READY = """() => {
    const serious = rule => ['serious', 'critical'].includes(rule.impact);
    axe.configure({rules: axe._audit.rules.filter(rule => !serious(rule)).map(rule => ({id: rule.id, enabled: false}))});
    const right = window.rightLooks = new Set(), found = window.newLooks = [], lines = window.paintBehind = new Map();
    const short = text => {
        let one = 0xdeadbeef, two = 0x41c6ce57;
        for (let at = 0; at < text.length; at++) {
            one = Math.imul(one ^ text.charCodeAt(at), 2654435761);
            two = Math.imul(two ^ text.charCodeAt(at), 1597334677);
        }
        return (one >>> 0).toString(36) + (two >>> 0).toString(36);
    };
    const behind = element => {
        if (!element) return '';
        if (!lines.has(element)) {
            const style = getComputedStyle(element);
            let paint = [style.backgroundColor, style.backgroundImage, style.opacity, style.filter].join();
            paint = paint === 'rgba(0, 0, 0, 0),none,1,none' ? '' : paint;
            if (style.position !== 'static') paint += [style.position, element.localName, element.className];
            const above = behind(element.parentElement);
            lines.set(element, paint ? short(above + paint) : above);
        }
        return lines.get(element);
    };
    const look = element => {
        const style = getComputedStyle(element);
        return short([behind(element), style.color, style.fontSize, style.fontWeight, style.textShadow].join());
    };
    const rule = axe._audit.rules.find(one => one.id === 'color-contrast'), check = axe._audit.checks['color-contrast'];
    const matches = rule.matches, evaluate = check.evaluate;
    // nothing is decided about a text in a drawing: what lies behind it is an image to axe
    rule.matches = function (node, ...more) {
        return !node.ownerSVGElement && !right.has(look(node)) && matches.call(this, node, ...more);
    };
    check.evaluate = function (node, ...more) {
        const name = look(node);
        if (right.has(name)) return true;
        const answer = evaluate.call(this, node, ...more);
        if (answer === true) { right.add(name); found.push(name); }
        return answer;
    };
}"""
SAYS = """async known => {
    paintBehind.clear();
    known.forEach(name => rightLooks.add(name));
    const told = await axe.run({resultTypes: ['violations'], preload: false});
    return [told.violations.map(one => [one.id, one.nodes[0].target]), newLooks.splice(0)];
}"""
_right: set[str] = set()


def serious_faults(page: Any) -> list[object]:
    """What axe finds serious or critical in the open page: [rule, where it stands first]."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(SOURCE)
        page.evaluate(READY)
    faults, new = page.evaluate(SAYS, sorted(_right))
    _right.update(new)
    return list(faults)
