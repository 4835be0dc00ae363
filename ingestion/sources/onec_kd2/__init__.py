"""Files of the universal exchange «Конвертация данных 2» («ФайлОбмена», versions 2.0 and 3.1), into the streams of 1C.

Objects carry the names of the base the conversion rules were written for, so `configuration` names the receiver of those rules.
"""
