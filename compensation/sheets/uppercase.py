"""人民币大写 as a live formula of plain functions: TEXT with [DBNum2] gives what the machine's language likes."""

from collections.abc import Sequence

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = "仟佰拾亿仟佰拾万仟佰拾元"
# In this order: idle places, runs of zero, and a group of four that is all zero.
_MENDED: Sequence[tuple[str, str]] = (
    ("零仟", "零"),
    ("零佰", "零"),
    ("零拾", "零"),
    ("零零", "零"),
    ("零零", "零"),
    ("零亿", "亿"),
    ("零万", "万"),
    ("亿万", "亿零"),
    ("零零", "零"),
    ("零元", "元"),
)


def uppercase_formula(cell: str) -> str:
    """The amount of `cell` (元, below 一万亿) in words, without the leading =; "-" for nothing, 未定 as it is."""
    digits = f'TEXT(ROUND(ABS({cell})*100,0),"00000000000000")'
    yuan = f"INT(ROUND(ABS({cell})*100,0)/100)"

    def digit(place: int) -> str:
        return f"MID({digits},{place},1)"

    def word(place: int) -> str:
        return f'MID("{_DIGITS}",{digit(place)}+1,1)'

    spelled = "&".join(f'{word(place)}&"{name}"' for place, name in enumerate(_PLACES, start=1))
    whole = f'RIGHT({spelled},2*LEN(TEXT({yuan},"0")))'
    for old, new in _MENDED:
        whole = f'SUBSTITUTE({whole},"{old}","{new}")'
    jiao = f'IF({digit(13)}<>"0",{word(13)}&"角",IF(AND({digit(14)}<>"0",{yuan}>0),"零",""))'
    fen = f'IF({digit(14)}<>"0",{word(14)}&"分","整")'
    text = f'"人民币"&IF({cell}<0,"负","")&IF({yuan}>0,{whole},"")&{jiao}&{fen}'
    return f'IF(ISNUMBER({cell}),IF({cell}=0,"-",IF(ABS({cell})>=10^12,"超出大写范围",{text})),"未定")'
