"""Dumps of 1C's «Выгрузка и загрузка данных XML» (V8Exch, 1CV8DtUD): objects of a base with their rows, into the streams of 1C.

The binary variant (FastInfoset) is refused.
"""
